// One stage for the tests of a file; each test has visitors of its own.
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Settings } from '../../harness/bot.ts';
import { BrowserScene } from './browserScene.ts';

/** Starts a stage before the file's tests; returns what gives it to them. */
export function useBrowserScene(settings: Settings = {}): () => BrowserScene {
  let stage: BrowserScene | undefined;
  beforeAll(async () => {
    stage = await BrowserScene.start(settings);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await stage?.keepPictures(task.name);
    for (const context of stage?.browser.contexts() ?? []) await context.close();
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });
  return () => {
    if (stage === undefined) throw new Error('The stage is there only while a test runs.');
    return stage;
  };
}
