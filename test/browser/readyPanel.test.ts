// What the widget says of the tokens that were just created, as people use them.
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { en } from '../../widget/src/i18n/en.ts';
import { beginRegistration, registerWithToken } from '../harness/users.ts';
import { expectAccessible } from './harness/axe.ts';
import type { ClientPage } from './harness/clientPage.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const site = useBrowserTestServer();
const HOSTS = ['element', 'sable'] as const;
const password = 'a long password';

test('an edit shows in the panel as in the list', async () => {
  const { client } = await site().visitor('editor');
  const { widget } = client;
  await client.openWidget();
  const token = await widget.quickCreate();
  const dialog = await widget.edit(token);
  await dialog.getByRole('radio', { name: en.form.usesUnlimited }).check();
  await dialog.getByRole('radio', { name: en.form.expiryNever }).check();
  await dialog.getByRole('button', { name: en.save }).click();
  const panel = panelOf(client, en.create.ready(1, 1));
  await panel.getByText('0 / ∞').waitFor();
  await panel.getByText(en.expiry.never).waitFor();
});

test.each(HOSTS)('in %s it says that somebody registers or has, instead of “send it”', async (host) => {
  const { baseUrl } = site().server;
  const { client } = await site().visitor(`inviting-at-${host}`, { host });
  const { widget } = client;
  await client.openWidget();
  const token = await widget.quickCreate();
  const ready = panelOf(client, en.create.ready(1, 1));
  await ready.getByText(en.create.readyHint(1)).waitFor();
  await ready.getByRole('button', { name: en.copy.copy }).waitFor();

  const begun = await beginRegistration(baseUrl, { username: `maria-${host}`, password, token });
  const registering = panelOf(client, en.create.registering(1));
  await registering.getByText(`0 / 1 · ${en.uses.pending(1)}`).waitFor();
  expect(await registering.getByRole('button', { name: en.copy.copy }).count()).toBe(0);
  expect(await registering.getByText(en.create.readyHint(1)).count()).toBe(0);
  await expectAccessible(widget, 'panel while somebody registers');

  await begun.finish();
  const used = panelOf(client, en.create.over(1, en.state.used.toLowerCase()));
  await used.getByText(token).waitFor();
  expect(await used.getByText('1 / 1').count()).toBe(0);
  expect(await used.getByRole('button').allInnerTexts()).toEqual(['']);
  await expectAccessible(widget, 'panel of a used token');

  // It is still there after another section, until it is closed.
  await widget.tab('Status').click();
  await widget.tab('Tokens').click();
  await used.getByRole('button', { name: en.create.dismiss }).press('Enter');
  await used.waitFor({ state: 'detached' });
  await widget.button(en.create.quick).and(widget.frame.locator(':focus')).waitFor();
});

test('a token for several people stays ready, and says that somebody is registering', async () => {
  const { client } = await site().visitor('several');
  const { widget } = client;
  await client.openWidget();
  const dialog = await widget.createForm();
  await dialog.getByRole('radio', { name: en.form.usesNumber, exact: true }).check();
  await dialog.getByLabel(en.form.usesField).fill('3');
  await dialog.getByLabel(en.form.token).fill('for-three');
  await dialog.getByRole('button', { name: en.create.quick }).click();
  const panel = panelOf(client, en.create.ready(1, 1));
  const { baseUrl } = site().server;
  const begun = await beginRegistration(baseUrl, {
    username: 'first-of-three',
    password,
    token: 'for-three',
  });
  await panel.getByText(`${en.create.registering(1)}.`).waitFor();
  await panel.getByRole('button', { name: en.copy.copy }).waitFor();
  await begun.finish();
  await panel.getByText('1 / 3').waitFor();
  await panel.getByText(en.create.readyHint(1)).waitFor();
});

test('it says that a token expired, or that somebody else deleted it', async () => {
  const { admin } = site().server;
  const { client } = await site().visitor('waiting');
  const { widget } = client;
  await client.openWidget();
  const short = await widget.quickCreate();
  await admin.updateToken(short, { expiry_time: Date.now() + 8_000 });
  await panelOf(client, en.create.over(1, 'expired')).getByText(short).waitFor({ timeout: 50_000 });

  const token = await widget.quickCreate();
  await admin.deleteToken(token);
  await panelOf(client, en.create.over(1, 'deleted')).getByText(token).waitFor();
});

test('a token that the person deletes in the widget is no longer mentioned', async () => {
  const { client } = await site().visitor('regretting');
  const { widget } = client;
  await client.openWidget();
  const token = await widget.quickCreate();
  await widget.button(`Delete ${token}`).click();
  await widget.dialog().getByRole('button', { name: en.delete, exact: true }).click();
  await widget.showsNoLonger(token);
  await widget.frame.locator('.created').waitFor({ state: 'detached' });
});

test('of several, those that can still be sent are counted and copied', async () => {
  const { admin, baseUrl } = site().server;
  const permissions = ['clipboard-read', 'clipboard-write'];
  const { client } = await site().visitor('many', { permissions });
  const { widget, page } = client;
  await client.openWidget();
  const dialog = await widget.createForm();
  await dialog.getByLabel(en.form.count).fill('3');
  await dialog.getByRole('button', { name: en.create.submit(3) }).click();
  const ready = panelOf(client, en.create.ready(3, 3));
  await ready.getByText(en.create.readyHint(3)).waitFor();
  const [one = '', two = '', three = ''] = await ready.locator('code').allInnerTexts();

  const begun = await beginRegistration(baseUrl, { username: 'one', password, token: one });
  const two3 = panelOf(client, en.create.ready(2, 3));
  await two3.getByRole('button', { name: en.copy.copyAll(2) }).click();
  await two3.getByRole('button', { name: en.copy.done }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${two}\n${three}`);
  await registerWithToken(baseUrl, { username: 'two', password, token: two });
  const last = panelOf(client, en.create.ready(1, 3));
  await last.getByRole('listitem').filter({ hasText: two }).getByText(en.state.used).waitFor();
  await expectAccessible(widget, 'panel of several tokens');
  await admin.deleteToken(three);
  await panelOf(client, en.create.registering(3)).getByText(en.create.deleted).waitFor();
  await begun.finish();
  await panelOf(client, en.create.over(3, en.create.invalid)).waitFor();
});

test('what happened while the bot was away is in the panel afterwards, also if the list does not show it', async () => {
  const { server, bot } = site();
  const { client } = await site().visitor('patient');
  const { widget } = client;
  await client.openWidget();
  await widget.quickCreate();
  const token = await panelOf(client, en.create.ready(1, 1)).locator('code').innerText();
  await widget.frame.getByRole('searchbox').fill('something else');
  await widget.heading(en.list.nothingFound).waitFor();
  await bot.stop();
  await server.admin.deleteToken(token);
  await bot.start();
  await panelOf(client, en.create.over(1, 'deleted')).getByText(token).waitFor({ timeout: 40_000 });
});

function panelOf({ widget }: ClientPage, title: string): Locator {
  return widget.frame.getByRole('region', { name: title, exact: true });
}
