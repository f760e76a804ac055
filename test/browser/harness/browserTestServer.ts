// What every browser test begins with: a homeserver, the bot with its widget, the client page, and a browser.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { type ClientPageServer, serveClientPage, writeLink } from '../../client/clientPage.ts';
import type { HostName } from '../../client/page/hosts.ts';
import type { Settings } from '../../harness/botProcess.ts';
import { Conversation } from '../../harness/conversation.ts';
import { freePort } from '../../harness/freePort.ts';
import type { Person } from '../../harness/person.ts';
import type { RestartableBot } from '../../harness/restartableBot.ts';
import type { SynapseOptions } from '../../harness/synapse.ts';
import { TestServer } from '../../harness/testServer.ts';
import { launchChromium } from './chromium.ts';
import { ClientPage } from './clientPage.ts';

const FAILURES = resolve(import.meta.dirname, '..', '..', '..', '.cache', 'browser-failures');
/** For everything that is waited for in a page (ms). */
const PATIENCE_MS = 15_000;

export interface VisitorOptions extends BrowserContextOptions {
  /** The client that the person uses; default: that of the demo, which has more room for the widget. */
  host?: HostName;
}

export interface Visitor {
  /** The person's tokens and rooms as the homeserver has them, without a browser. */
  person: Person;
  chat: Conversation;
  context: BrowserContext;
  client: ClientPage;
}

export class BrowserTestServer implements AsyncDisposable {
  readonly server: TestServer;
  readonly bot: RestartableBot;
  readonly publicUrl: string;
  readonly browser: Browser;
  readonly #pages: ClientPageServer;

  private constructor(
    server: TestServer,
    parts: { pages: ClientPageServer; browser: Browser; bot: RestartableBot; publicUrl: string },
  ) {
    this.server = server;
    this.#pages = parts.pages;
    this.browser = parts.browser;
    this.bot = parts.bot;
    this.publicUrl = parts.publicUrl;
  }

  static async start(settings: Settings = {}, synapse: SynapseOptions = {}): Promise<BrowserTestServer> {
    const [server, pages, browser, port] = await Promise.all([
      TestServer.start(synapse),
      serveClientPage(),
      launchChromium(),
      freePort(),
    ]);
    const publicUrl = `http://localhost:${port}`;
    const widget = { WIDGET_PUBLIC_URL: publicUrl, WIDGET_LISTEN: `127.0.0.1:${port}` };
    const bot = await server.startBot({ settings: { ...widget, ...settings } });
    return new BrowserTestServer(server, { pages, browser, bot, publicUrl });
  }

  /** A person in a direct room with the bot, open in a browser of their own. */
  async visitor(localpart: string, options: VisitorOptions = {}): Promise<Visitor> {
    const person = await this.server.person(localpart);
    const chat = await Conversation.start(person, this.bot.userId);
    return await this.visit(person, chat, options);
  }

  async visit(person: Person, chat: Conversation, options: VisitorOptions = {}): Promise<Visitor> {
    const { host = 'demo', ...browserOptions } = options;
    const context = await this.context(browserOptions);
    const link = this.linkFor(person, chat.roomId, host);
    const client = await ClientPage.open(context, link, { widgetUrl: this.publicUrl, host });
    return { person, chat, context, client };
  }

  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  }

  linkFor(person: Person, roomId: string, host?: HostName): string {
    const { userId: user, accessToken: token } = person;
    return (
      this.#pages.address + writeLink({ homeserver: this.server.baseUrl, user, token, room: roomId }, host)
    );
  }

  /** Pictures of all open pages, for a test that failed. */
  async keepPictures(name: string): Promise<void> {
    mkdirSync(FAILURES, { recursive: true });
    const pages = this.browser.contexts().flatMap((context) => context.pages());
    const base = name.replaceAll(/[^\w]+/g, '-').slice(0, 80);
    for (const [index, page] of pages.entries()) {
      await page.screenshot({ path: join(FAILURES, `${base}-${index}.png`) }).catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.#pages.close();
    await this.server[Symbol.asyncDispose]();
  }
}
