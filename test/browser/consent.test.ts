// Who gets access to the widget, and what others see.
import { expect, test } from 'vitest';
import { WIDGET_ID, WIDGET_TYPE } from '../../bot/room-widget/widgetState.ts';
import { en } from '../../widget/src/i18n/en.ts';
import { Conversation } from '../harness/conversation.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const { page: texts } = en;
const site = useBrowserTestServer();

test('a person who declines to be identified sees why it is needed, and can change their mind', async () => {
  const { client } = await site().visitor('reserved');
  await client.consent();
  await client.identity('Deny');
  await client.widget.heading(texts.declined).waitFor();
  await client.widget.button(texts.declinedRetry).click();
  await client.identity('Allow');
  await client.widget.button('Create token').waitFor();
});

test('opened in a plain tab, the page says where it belongs', async () => {
  const context = await site().context();
  const page = await context.newPage();
  await page.goto(`${site().publicUrl}/widget/`);
  await page.getByRole('heading', { name: texts.plain }).waitFor();
});

test('the address of another homeserver in the proof of identity is refused', async () => {
  const { client, context } = await site().visitor('foreign');
  await context.route('**/api/v1/session', async (route) => {
    const body = route.request().postDataJSON() as { openid_token: Record<string, unknown> };
    body.openid_token.matrix_server_name = 'elsewhere.example';
    await route.continue({ postData: JSON.stringify(body) });
  });
  await client.consent();
  await client.identity('Allow');
  await client.widget.heading(texts.refused).waitFor();
});

test('without access the widget is removed; a copy of it says why it does not work', async () => {
  const { person, chat: own, client } = await site().visitor('outsider');
  await client.openWidget();
  const content = await person.client.getStateEvent(own.roomId, WIDGET_TYPE, WIDGET_ID);
  const copyRoom = await person.createRoom();
  await person.sendState(copyRoom, WIDGET_TYPE, 'copy', { ...content, id: 'copy' });
  const chat = new Conversation(person, copyRoom, site().bot.userId);
  const { client: copy } = await site().visit(person, chat);
  await copy.openWidget();

  const { chat: insider } = await site().visitor('insider');
  await insider.ask(`allow ${insider.person.userId}`);
  await client.page.locator('.widget').waitFor({ state: 'detached' });
  await copy.widget.heading(texts.withdrawn).waitFor();

  const { client: later } = await site().visit(person, chat);
  await later.consent();
  await later.identity('Allow');
  await later.widget.heading(texts.notAllowed).waitFor();
  expect(await later.widget.button('Create token').count()).toBe(0);
});
