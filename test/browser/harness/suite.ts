// One homeserver, bot and browser for the tests of a file; each test has visitors of its own.
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Settings } from '../../harness/botProcess.ts';
import { BrowserTestServer } from './browserTestServer.ts';

/** Starts them before the file's tests; returns what gives them to a test. */
export function useBrowserTestServer(settings: Settings = {}): () => BrowserTestServer {
  let site: BrowserTestServer | undefined;
  beforeAll(async () => {
    site = await BrowserTestServer.start(settings);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await site?.keepPictures(task.name);
    for (const context of site?.browser.contexts() ?? []) await context.close();
  });
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
  });
  return () => {
    if (site === undefined) throw new Error('The browser is there only while a test runs.');
    return site;
  };
}
