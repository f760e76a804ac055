// Makes the pictures of the documentation: node test/browser/screenshots.ts [FOLDER]. They go to docs/images by default.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { registerWithToken } from '../harness/users.ts';
import { BrowserTestServer } from './harness/browserTestServer.ts';
import type { ClientPage } from './harness/clientPage.ts';
import { prepare } from './harness/globalSetup.ts';

const FOLDER = resolve(process.argv[2] ?? join(import.meta.dirname, '..', '..', 'docs', 'images'));
const DAY_MS = 86_400_000;

async function main(): Promise<void> {
  await prepare();
  mkdirSync(FOLDER, { recursive: true });
  await using site = await BrowserTestServer.start({}, { serverName: 'example.org' });
  await fillHomeserver(site);
  const { client } = await site.visitor('admin', { viewport: { width: 1100, height: 800 } });
  const { page, widget } = client;
  await page.getByRole('button', { name: 'Continue' }).waitFor();
  await save(page, 'consent');
  await client.openWidget();
  await widget.shows('book-club');
  await client.ask('create for-maria');
  await widget.shows('for-maria');
  await save(page, 'chat-and-widget');

  await client.choose('Widget', 'right');
  await client.choose('Theme', 'dark');
  await shown(client, 'dark');
  await save(page, 'right-panel-dark');

  await client.choose('Theme', 'light');
  await client.choose('Widget', 'top');
  await shown(client, 'light');
  const panel = page.locator('.widget');
  await page.setViewportSize({ width: 1000, height: 1300 });
  await widget.button('More options…').click();
  await save(panel, 'create');
  await widget.dialog().getByRole('button', { name: 'Cancel' }).click();
  await widget.tab('Access').click();
  await widget.button('Allow').waitFor();
  await save(panel, 'access');
}

/** Tokens in every state, as a server has them after a while. */
async function fillHomeserver({ server }: BrowserTestServer): Promise<void> {
  const { admin, synapse } = server;
  await admin.createToken({ token: 'book-club', uses_allowed: 12, expiry_time: Date.now() + 21 * DAY_MS });
  await admin.createToken({ token: 'family', uses_allowed: null });
  await admin.createToken({ token: 'for-jonas', uses_allowed: 1 });
  for (const [username, token] of [
    ['jonas', 'for-jonas'],
    ['ada', 'book-club'],
    ['tim', 'book-club'],
  ] as const) {
    await registerWithToken(synapse.baseUrl, { username, password: 'a long password', token });
  }
}

async function shown({ widget }: ClientPage, scheme: 'light' | 'dark'): Promise<void> {
  const isShown = `getComputedStyle(document.documentElement).colorScheme === '${scheme}'`;
  while (!(await widget.evaluate<boolean>(isShown)))
    await widget.evaluate('new Promise(requestAnimationFrame)');
}

async function save(what: Page | Locator, name: string): Promise<void> {
  await what.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}

await main();
// A client may still wait for an answer.
process.exit(0);
