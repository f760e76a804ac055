// Every size, both themes, and without a mouse.
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { de } from '../../widget/src/i18n/de.ts';
import { expectAccessible } from './harness/axe.ts';
import type { ClientPage } from './harness/clientPage.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const site = useBrowserTestServer();
const WIDTHS = [300, 360, 480, 600, 768, 1000, 1200];

test('nothing has to be scrolled sideways from 300 to 1200 pixels', async () => {
  await site().server.admin.createToken({ token: 'w'.repeat(64), uses_allowed: 2_000_000_000 });
  const { client } = await site().visitor('measuring');
  await client.openWidget();
  await client.choose('Widget', 'top');
  await client.widget.quickCreate();
  await client.widget.shows('w'.repeat(64));
  await inEveryState(client, async (state) => {
    for (const width of WIDTHS) {
      await client.resize(width);
      expect(await client.widget.overflow(), `${state} at ${width} px`).toBe(0);
    }
  });
});

test.each(['light', 'dark', 'light-high-contrast', 'dark-high-contrast'])(
  'axe finds nothing in %s',
  async (theme) => {
    const { server } = site();
    const name = `axe-${theme}`;
    await server.admin.createToken({ token: name });
    const { client } = await site().visitor(name);
    await client.openWidget();
    await client.choose('Theme', theme);
    await expect
      .poll(() => client.widget.evaluate('getComputedStyle(document.documentElement).colorScheme'))
      .toBe(theme.startsWith('dark') ? 'dark' : 'light');
    await client.widget.quickCreate();
    await client.widget.shows(name);
    await inEveryState(client, (state) => expectAccessible(client.widget, `${state}, ${theme}`));
  },
);

test('German where the client is German', async () => {
  const { client } = await site().visitor('deutsch');
  await client.openWidget();
  await client.choose('Language', 'de');
  await client.widget.button('Token erstellen').waitFor();
  expect(await client.widget.evaluate('document.documentElement.lang')).toBe('de');
  // Problems too: the bot words them in the person's language.
  await client.widget.tab('Zugriff').click();
  await client.widget.frame.getByLabel(de.access.pattern).fill('@(:x');
  await client.widget.button(de.access.addButton).click();
  await client.widget.frame.getByText('ist kein gültiges Muster').waitFor();
});

test('the keyboard alone creates, copies and deletes a token', async () => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const { client } = await site().visitor('keyboard', { permissions });
  const { widget, page } = client;
  await client.openWidget();
  await page.locator('.widget iframe').focus();

  await tabTo(client, widget.button('Create token'));
  await page.keyboard.press('Enter');
  const ready = widget.frame.getByRole('region', { name: 'Your token is ready' });
  const token = (await ready.locator('code').innerText()).trim();
  await tabTo(client, ready.getByRole('button', { name: /^Copy/ }));
  await page.keyboard.press('Enter');
  await ready.getByRole('button', { name: 'Copied' }).or(ready.getByText('Copied')).first().waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(token);

  await tabTo(client, widget.button(`Delete ${token}`));
  await page.keyboard.press('Enter');
  await tabTo(client, widget.dialog().getByRole('button', { name: 'Delete', exact: true }));
  await page.keyboard.press('Enter');
  await widget.showsNoLonger(token);
  expect((await site().server.tokens()).map(({ token }) => token)).not.toContain(token);
});

test('the keyboard reaches the chosen field of a form, and stays in the list after a deletion', async () => {
  for (const token of ['kept', 'leaving']) await site().server.admin.createToken({ token, uses_allowed: 5 });
  const { client } = await site().visitor('typing');
  const { widget, page } = client;
  await client.openWidget();
  const focused = widget.frame.locator(':focus');

  await widget.button('Edit leaving').press('Enter');
  await widget.dialog().getByRole('radio', { name: 'A number' }).and(focused).waitFor();
  await page.keyboard.press('Escape');
  await widget.button('Delete leaving').press('Enter');
  await widget.dialog().getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await widget.showsNoLonger('leaving');
  await widget.frame.getByRole('list', { name: 'Registration tokens' }).and(focused).waitFor();
  await page.keyboard.press('Tab');
  await widget.frame.getByRole('list').locator(':focus').waitFor();
});

/** Opens each of the widget's views and dialogs. */
async function inEveryState(client: ClientPage, look: (state: string) => Promise<void>): Promise<void> {
  const { widget } = client;
  const close = async () => {
    await widget.dialog().getByRole('button', { name: 'Cancel' }).click();
    await widget.dialog().waitFor({ state: 'detached' });
  };
  await look('tokens');
  await widget.button('More options…').click();
  await widget.dialog().getByRole('radio', { name: 'A number' }).check();
  await widget.dialog().getByRole('radio', { name: 'Date and time' }).check();
  await look('create');
  await close();
  await widget
    .button(/^Edit /)
    .first()
    .click();
  await widget.dialog().getByRole('button', { name: 'Save' }).and(widget.frame.locator(':enabled')).waitFor();
  await look('edit');
  await close();
  await widget
    .button(/^Delete /)
    .first()
    .click();
  await widget.dialog().waitFor();
  await look('delete');
  await close();
  await widget.tab('Access').click();
  await widget.button('Allow').waitFor();
  await look('access');
  await widget.tab('Status').click();
  await widget.button('Check again').waitFor();
  await look('status');
}

/** Presses Tab until the element has the focus. */
async function tabTo({ page, widget }: ClientPage, target: Locator): Promise<void> {
  await target.waitFor();
  const focused = target.and(widget.frame.locator(':focus'));
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if ((await focused.count()) > 0) return;
  }
  throw new Error(`The Tab key does not lead to ${target}.`);
}
