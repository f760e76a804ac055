// The bot or the homeserver goes away while the widget is open.
import { expect, test } from 'vitest';
import { en } from '../../widget/src/i18n/en.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const site = useBrowserTestServer();

test('the widget says that the bot is restarting, then continues by itself with the same session', async () => {
  const { client } = await site().visitor('patient');
  const { widget } = client;
  await client.openWidget();
  await site().bot.stop();
  const lost = widget.text(en.live.lost);
  await lost.waitFor();
  await site().server.admin.createToken({ token: 'made-meanwhile' });
  await site().bot.start();
  await lost.waitFor({ state: 'detached', timeout: 40_000 });
  await widget.shows('made-meanwhile');
  const token = await widget.quickCreate();
  expect((await site().server.tokens()).map(({ token }) => token)).toContain(token);
});

test('a homeserver that is down is named; nothing is shown as done', async () => {
  const { server } = site();
  const { client } = await site().visitor('unlucky');
  const { widget } = client;
  await client.openWidget();
  await server.synapse.stop();
  await widget.button('Create token').click();
  await widget.frame
    .getByRole('alert')
    .filter({ hasText: 'homeserver' })
    .first()
    .waitFor({ timeout: 40_000 });
  expect(await widget.frame.getByRole('region', { name: 'Your token is ready' }).count()).toBe(0);
  await server.synapse.start();
  const token = await widget.quickCreate();
  expect((await server.tokens()).map(({ token }) => token)).toContain(token);
});
