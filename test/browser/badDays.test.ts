// The bot or the homeserver goes away while the widget is open.
import { expect, test } from 'vitest';
import { en } from '../../widget/src/i18n/en.ts';
import { useBrowserScene } from './harness/suite.ts';

const stage = useBrowserScene();

test('a bot that restarts is told while it is away; then the widget goes on by itself with a new session', async () => {
  const { client } = await stage().visitor('patient');
  const { widget } = client;
  await client.openWidget();
  await stage().stopBot();
  const lost = widget.text(en.live.lost);
  await lost.waitFor();
  await stage().scene.admin.createToken({ token: 'made-meanwhile' });
  await stage().startBot();
  await lost.waitFor({ state: 'detached', timeout: 40_000 });
  await widget.shows('made-meanwhile');
  const token = await widget.quickCreate();
  expect((await stage().scene.tokens()).map(({ token }) => token)).toContain(token);
});

test('a homeserver that is down is named; nothing is shown that did not happen', async () => {
  const { scene } = stage();
  const { client } = await stage().visitor('unlucky');
  const { widget } = client;
  await client.openWidget();
  await scene.synapse.stop();
  await widget.button('Create token').click();
  await widget.frame
    .getByRole('alert')
    .filter({ hasText: 'homeserver' })
    .first()
    .waitFor({ timeout: 40_000 });
  expect(await widget.frame.getByRole('region', { name: 'Your token is ready' }).count()).toBe(0);
  await scene.synapse.start();
  const token = await widget.quickCreate();
  expect((await scene.tokens()).map(({ token }) => token)).toContain(token);
});
