// The widget's session ends while the widget is open: it asks the person who they are only when they do something.
import { expect, test } from 'vitest';
import { de } from '../../widget/src/i18n/de.ts';
import { en } from '../../widget/src/i18n/en.ts';
import { expectAccessible } from './harness/axe.ts';
import type { Visitor } from './harness/browserTestServer.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const site = useBrowserTestServer();
const connectNow = en.live.retry;
/** The widget tries again at growing intervals. */
const RECONNECTING = { timeout: 40_000 };

/** Signed in without “Remember”: the client asks again each time. */
async function openIn(host: 'element' | 'sable', name: string): Promise<Visitor> {
  const visitor = await site().visitor(name, { host });
  await site().server.admin.createToken({ token: `of-${name}` });
  await visitor.client.openWidget({ remember: false });
  await visitor.client.widget.shows(`of-${name}`);
  return visitor;
}

/** As after an hour without use: the bot knows the session no longer. Resolves once the widget says so. */
async function endSession({ person, client }: Visitor, notice = en.live.ended): Promise<void> {
  const { store, access } = site().bot;
  for (const { hash, userId } of store.widgetSessions.all()) {
    if (userId === person.userId) store.widgetSessions.remove(hash);
  }
  // All streams are checked now, instead of at the next heartbeat.
  access.changes.emit();
  await client.widget.text(notice).waitFor();
}

async function existing(): Promise<string[]> {
  return (await site().server.tokens()).map(({ token }) => token);
}

test.each(['element', 'sable'] as const)(
  'a restart of the bot asks nothing: the list stays and goes on by itself (%s)',
  async (host) => {
    const { client } = await openIn(host, `restarting-${host}`);
    await site().bot.stop();
    await client.widget.text(en.live.lost).waitFor();
    await client.widget.shows(`of-restarting-${host}`);
    await site().bot.start();
    await client.widget.text(en.live.lost).waitFor({ state: 'detached', ...RECONNECTING });
    await site().server.admin.createToken({ token: `after-${host}` });
    await client.widget.shows(`after-${host}`);
    expect(await client.identityRequests()).toBe(1);
    expect(await client.identityQuestion.count()).toBe(0);
  },
);

test('a session that is over by the clock asks nothing: the list stays, and one click goes on', async () => {
  let ahead = 0;
  await site().bot.restart({ clock: () => Date.now() + ahead });
  const { client } = await openIn('element', 'sleeping');
  ahead = 12 * 3_600_000;
  site().bot.access.changes.emit();
  await client.widget.text(en.live.ended).waitFor();
  await client.widget.shows('of-sleeping');
  expect(await client.identityRequests()).toBe(1);
  await client.widget.button(connectNow).click();
  await client.identity('Allow');
  await client.widget.text(en.live.ended).waitFor({ state: 'detached' });
  await site().bot.restart();
});

test('“Connect now” can be declined, which keeps the list; allowed, it brings what was missed', async () => {
  const visitor = await openIn('element', 'declining');
  const { client } = visitor;
  await endSession(visitor);
  await site().server.admin.createToken({ token: 'missed' });
  await client.widget.button(connectNow).click();
  await client.identity('Deny');
  await client.widget.frame.getByRole('alert').filter({ hasText: en.page.declined }).waitFor();
  await client.widget.text(en.live.ended).waitFor();
  await client.widget.shows('of-declining');
  await expectAccessible(client.widget, 'notice that the session has ended');
  expect(await client.widget.token('missed').count()).toBe(0);

  await client.widget.button(connectNow).click();
  await client.identity('Allow');
  await client.widget.shows('missed');
  await client.widget.text(en.live.ended).waitFor({ state: 'detached' });
  await site().server.admin.createToken({ token: 'live-again' });
  await client.widget.shows('live-again');
  expect(await client.identityRequests()).toBe(3);
});

test('a drafted form is kept; sending it asks, and is then carried out', async () => {
  const visitor = await openIn('element', 'drafting');
  const { client } = visitor;
  const dialog = await client.widget.createForm();
  await dialog.getByLabel(en.form.token).fill('drafted');
  await endSession(visitor);
  expect(await dialog.getByLabel(en.form.token).inputValue()).toBe('drafted');
  expect(await client.identityRequests()).toBe(1);

  const create = dialog.getByRole('button', { name: en.create.quick });
  await create.click();
  await client.identity('Deny');
  await dialog.getByText(en.create.failed).waitFor();
  expect(await existing()).not.toContain('drafted');
  expect(await dialog.getByLabel(en.form.token).inputValue()).toBe('drafted');

  await create.click();
  await client.identity('Allow');
  await client.widget.shows('drafted');
  await client.widget.text(en.live.ended).waitFor({ state: 'detached' });
  expect(await existing()).toContain('drafted');
});

test('editing, deleting, filtering and opening a view ask as well, because the person clicked', async () => {
  const visitor = await openIn('element', 'acting');
  const { client } = visitor;
  const { widget } = client;
  const actions: [action: () => Promise<void>, outcome: () => Promise<void>][] = [
    [
      () => widget.button('Edit of-acting').click(),
      async () => {
        await widget
          .dialog()
          .getByRole('button', { name: en.save })
          .and(widget.frame.locator(':enabled'))
          .waitFor();
        await widget.dialog().getByRole('button', { name: en.cancel }).click();
      },
    ],
    [
      async () => {
        await widget.button('Delete of-acting').click();
        await widget.dialog().getByRole('button', { name: en.delete, exact: true }).click();
      },
      () => widget.showsNoLonger('of-acting'),
    ],
    [
      () => widget.frame.getByRole('searchbox').fill('nothing like this'),
      () => widget.text(en.list.nothingFound).waitFor(),
    ],
    [() => widget.tab(en.nav.status).click(), () => widget.button(en.status.reload).waitFor()],
  ];
  for (const [index, [act, done]] of actions.entries()) {
    await endSession(visitor);
    expect(await client.identityRequests()).toBe(1 + index);
    await act();
    await client.identity('Allow');
    await done();
    await widget.text(en.live.ended).waitFor({ state: 'detached' });
  }
});

test('where the client asks nothing, the notice is the same and one click is enough', async () => {
  const visitor = await site().visitor('at-sable', { host: 'sable' });
  const { client } = visitor;
  await client.openWidget();
  await client.choose('Language', 'de');
  await client.widget.button(de.create.quick).waitFor();
  const before = await client.identityRequests();
  await endSession(visitor, de.live.ended);
  expect(await client.identityRequests()).toBe(before);
  await client.widget.button(de.live.retry).click();
  await client.widget.text(de.live.ended).waitFor({ state: 'detached' });
  expect(await client.identityRequests()).toBe(before + 1);
});

test('a bot that can’t be reached at the first sign-in is tried again without asking again', async () => {
  const { client, context } = await site().visitor('early', { host: 'element' });
  let tries = 0;
  await context.route('**/api/v1/session', (route) => (++tries < 3 ? route.abort() : route.continue()));
  await client.consent();
  await client.identity('Allow');
  await client.widget.heading(en.page.unreachable).waitFor();
  await client.widget.button('Create token').waitFor(RECONNECTING);
  expect(tries).toBe(3);
  expect(await client.identityRequests()).toBe(1);
});
