// The widget in a real browser, in the client page of the browser tests: how long it takes until there is a list, and
// how smoothly that scrolls. Consent and identity are given without delay.
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { type ClientPageServer, writeLink } from '../client/clientPage.ts';
import type { Stage } from './stage.ts';
import { type Summary, summarise } from './stats.ts';

const PATIENCE_MS = 30_000;
const VIEW = { width: 1200, height: 900 };
const SCROLL_FRAMES = 600;
/** Faster than anybody reads (px a frame). */
export const SCROLL_STEP = 250;

export interface LoadResult {
  name: string;
  /** From the beginning of the iframe's navigation to the first token on the screen. */
  list: Summary;
}

export interface ScrollResult {
  tokens: number;
  frames: Summary;
  longest: number;
  /** Frames that showed a row without its token yet, percent. */
  waitingPercent: number;
}

export interface BrowserStage {
  stage: Stage;
  browser: Browser;
  pages: ClientPageServer;
}

/** In every page and frame, from its beginning: agrees to what is asked, and notes when the first token is painted. */
const WATCH = `(() => {
  let found = false;
  const look = () => {
    for (const button of document.querySelectorAll('.consent button, dialog[open] button')) {
      if (['Continue', 'Allow'].includes(button.textContent.trim()) && !button.dataset.pressed) {
        button.dataset.pressed = 'yes';
        button.click();
      }
    }
    const list = document.querySelector('.token-list');
    if (found || !list?.querySelector('.row:not(.waiting)')) return;
    found = true;
    // After the frame that paints it.
    requestAnimationFrame(() => setTimeout(() => {
      document.documentElement.dataset.listAt = performance.now();
    }));
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
})()`;

/** Each time a new browser profile: nothing in the cache, no connection open. */
export async function measureFirstLoads(
  browserStage: BrowserStage,
  tokens: number,
  samples: number,
): Promise<LoadResult> {
  const times: number[] = [];
  for (let turn = -1; turn < samples; turn++) {
    const context = await contextOf(browserStage.browser);
    try {
      const { frame } = await openWidget(browserStage, context);
      if (turn >= 0) times.push(await listAt(frame));
    } finally {
      await context.close();
    }
  }
  return { name: `first time, ${tokens.toLocaleString('en')} tokens`, list: summarise(times) };
}

/** As on a second visit: files in the browser's cache. */
export async function measureLaterLoads(
  browserStage: BrowserStage,
  tokens: number,
  samples: number,
): Promise<LoadResult> {
  const times: number[] = [];
  const context = await contextOf(browserStage.browser);
  try {
    let { page } = await openWidget(browserStage, context);
    for (let turn = 0; turn < samples; turn++) {
      await page.close();
      const opened = await openWidget(browserStage, context);
      page = opened.page;
      times.push(await listAt(opened.frame));
    }
  } finally {
    await context.close();
  }
  return { name: `later, ${tokens.toLocaleString('en')} tokens`, list: summarise(times) };
}

/** From the top on, a step a frame; pages are loaded on the way. */
export async function measureScrolling(browserStage: BrowserStage, tokens: number): Promise<ScrollResult> {
  const context = await contextOf(browserStage.browser);
  try {
    const { page, frame } = await openWidget(browserStage, context);
    await page.bringToFront();
    const { deltas, waiting } = await frame.evaluate<{ deltas: number[]; waiting: number }>(`
      new Promise((done) => {
        const deltas = [];
        let waiting = 0;
        let before;
        const step = (now) => {
          if (before !== undefined) deltas.push(now - before);
          before = now;
          const rows = document.querySelectorAll('.token-list .row.waiting');
          if ([...rows].some((row) => {
            const { top, bottom } = row.getBoundingClientRect();
            return bottom > 0 && top < innerHeight;
          })) waiting++;
          if (deltas.length >= ${SCROLL_FRAMES}) return done({ deltas, waiting });
          scrollBy(0, ${SCROLL_STEP});
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      })`);
    return {
      tokens,
      frames: summarise(deltas),
      longest: Math.max(...deltas),
      waitingPercent: (waiting / deltas.length) * 100,
    };
  } finally {
    await context.close();
  }
}

async function contextOf(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: VIEW });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(WATCH);
  return context;
}

/** The client page with the widget in it, once that shows a token. */
async function openWidget(
  { stage, pages }: BrowserStage,
  context: BrowserContext,
): Promise<{ page: Page; frame: Frame }> {
  const { userId: user, accessToken: token } = stage.adminUser;
  const { baseUrl: homeserver } = stage.synapse;
  const page = await context.newPage();
  await page.goto(pages.address + writeLink({ homeserver, user, token, room: stage.botRoom }));
  const iframe = await page.waitForSelector('.widget iframe');
  const frame = await iframe.contentFrame();
  if (frame === null) throw new Error('The widget has no frame.');
  await frame.waitForSelector('html[data-list-at]');
  return { page, frame };
}

async function listAt(frame: Frame): Promise<number> {
  return await frame.evaluate<number>('Number(document.documentElement.dataset.listAt)');
}
