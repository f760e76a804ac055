// The widget in an encrypted room: its requests do not go through the room.
import { expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { login } from '../harness/users.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const site = useBrowserTestServer();

test('the widget of an encrypted room is there and works, side by side with encrypted commands', async () => {
  const { synapse } = site().server;
  const user = await synapse.registerUser('guarded');
  const phone = await site().server.atClient(user, { encryption: true });
  const chat = await Conversation.start(phone, site().bot.userId, { encrypted: true });
  // Keys are sent once to each login: the client page, which keeps none, has its own.
  const browserLogin = await login(synapse.baseUrl, user.localpart, user.password);
  const { client } = await site().visit(await site().server.atClient(browserLogin), chat);
  await client.openWidget();
  const clicked = await client.widget.quickCreate();
  expect((await chat.ask('list')).body).toContain(clicked);
  await chat.ask('create by-command');
  await client.widget.shows('by-command');
});
