// The widget: its API, its page in a browser, its size, and what it costs the bot.
import type { ChildProcess } from 'node:child_process';
import { WIDGET_TYPE } from '../../bot/room-widget/widgetState.ts';
import { launchChromium } from '../browser/harness/chromium.ts';
import { buildWidget } from '../browser/harness/npmBuild.ts';
import { buildClientPage, serveClientPage } from '../client/clientPage.ts';
import { freePort } from '../harness/freePort.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import { endChild } from '../harness/npmStart.ts';
import { ApiClient, type ApiCounts, type ApiResult, measureCreation, measurePages } from './api.ts';
import {
  type BrowserStage,
  type LoadResult,
  measureFirstLoads,
  measureLaterLoads,
  measureScrolling,
  type ScrollResult,
} from './page.ts';
import { measureRest, type RestResult } from './process.ts';
import { clearTokens, fillTokens, type Stage, startBot } from './stage.ts';
import { measureWire, type WireResult } from './wire.ts';

export interface WidgetResults {
  api: ApiResult[];
  loads: LoadResult[];
  scrolling: ScrollResult;
  wire: WireResult[];
  /** Before the first widget was opened, while one is open, and after everything. */
  rest: { unused: RestResult; watched: RestResult; afterAll: RestResult };
}

const FEW = 10;
const MANY = 10_000;
const API: Record<'few' | 'many' | 'create', ApiCounts> = {
  few: { warmUp: 10, samples: 60, load: 240 },
  many: { warmUp: 2, samples: 12, load: 32 },
  create: { warmUp: 5, samples: 40, load: 120 },
};
const LOADS = { first: 5, later: 7 };
const IDLE_MS = 5_000;
const PLACED_WITHIN_MS = 20_000;

interface StateEvent {
  type: string;
  content: { url?: string };
}

export async function measureWidget(
  stage: Stage,
  dataDir: string,
  progress: (line: string) => void,
): Promise<WidgetResults> {
  await Promise.all([buildWidget(), buildClientPage()]);
  const port = await freePort();
  const address = `http://localhost:${port}`;
  await clearTokens(stage);
  const bot = await startBot(stage, dataDir, {
    WIDGET_PUBLIC_URL: address,
    WIDGET_LISTEN: `127.0.0.1:${port}`,
  });
  const browser = await launchChromium();
  const pages = await serveClientPage();
  try {
    await untilPlaced(stage);
    return await measure({ stage, browser, pages }, bot, address, progress);
  } finally {
    await browser.close();
    await pages.close();
    await endChild(bot);
  }
}

async function measure(
  browserStage: BrowserStage,
  bot: ChildProcess,
  address: string,
  progress: (line: string) => void,
): Promise<WidgetResults> {
  const { stage } = browserStage;
  progress('The widget at rest …');
  const unused = await measureRest(bot, IDLE_MS);
  const client = new ApiClient(stage, address);
  const api: ApiResult[] = [];
  const loads: LoadResult[] = [];
  for (const [tokens, counts] of [
    [FEW, API.few],
    [MANY, API.many],
  ] as const) {
    await fillTokens(stage, tokens);
    progress(`The widget’s API, ${tokens} tokens …`);
    api.push(...(await measurePages(stage, client, tokens, counts)));
    progress(`The widget in a browser, ${tokens} tokens …`);
    loads.push(await measureFirstLoads(browserStage, tokens, LOADS.first));
    loads.push(await measureLaterLoads(browserStage, tokens, LOADS.later));
  }
  progress('Scrolling …');
  const scrolling = await measureScrolling(browserStage, MANY);
  const wire = await measureWire(address, await client.session());
  await clearTokens(stage);
  progress('POST /tokens …');
  api.push(await measureCreation(stage, client, API.create));
  const watching = new AbortController();
  const accessToken = await client.session();
  const stream = await fetch(`${address}/api/v1/events`, {
    headers: { authorization: `Bearer ${accessToken}` },
    signal: watching.signal,
  });
  if (!stream.ok) throw new Error(`GET /events: ${stream.status}`);
  const watched = await measureRest(bot, IDLE_MS);
  watching.abort();
  const afterAll = await measureRest(bot, IDLE_MS);
  return { api, loads, scrolling, wire, rest: { unused, watched, afterAll } };
}

/** Resolves once the bot has put the widget into its room. */
async function untilPlaced({ synapse, adminUser, botRoom }: Stage): Promise<void> {
  const get = <T>(path: string) =>
    requestJson<T>(synapse.baseUrl, 'GET', `/_matrix/client/v3${path}`, {
      accessToken: adminUser.accessToken,
    });
  const filter = encodeURIComponent(JSON.stringify({ room: { rooms: [botRoom], timeline: { limit: 1 } } }));
  let position = 'timeout=0';
  for (const until = performance.now() + PLACED_WITHIN_MS; performance.now() < until; ) {
    const { next_batch } = await get<{ next_batch: string }>(`/sync?filter=${filter}&${position}`);
    const state = await get<StateEvent[]>(`/rooms/${encodeURIComponent(botRoom)}/state`);
    if (state.some(({ type, content }) => type === WIDGET_TYPE && content.url !== undefined)) return;
    // The next event in the room wakes it.
    position = `timeout=5000&since=${next_batch}`;
  }
  throw new Error('The bot has not put the widget into its room.');
}
