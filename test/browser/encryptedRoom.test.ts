// The widget of an encrypted room: what goes through it is no business of the room's.
import { expect, test } from 'vitest';
import { Conversation } from '../harness/scene.ts';
import { login } from '../harness/users.ts';
import { useBrowserScene } from './harness/suite.ts';

const stage = useBrowserScene();

test('the widget of an encrypted room is there and works, side by side with encrypted commands', async () => {
  const { synapse } = stage().scene;
  const user = await synapse.registerUser('guarded');
  const phone = await stage().scene.atClient(user, { encryption: true });
  const chat = await Conversation.start(phone, stage().bot.userId, { encrypted: true });
  // Keys are sent once to each login: the client page, which keeps none, has its own.
  const browserLogin = await login(synapse.baseUrl, user.localpart, user.password);
  const { client } = await stage().visit(await stage().scene.atClient(browserLogin), chat);
  await client.openWidget();
  const clicked = await client.widget.quickCreate();
  expect((await chat.ask('list')).body).toContain(clicked);
  await chat.ask('create by-command');
  await client.widget.shows('by-command');
});
