// Tokens in the widget and by command, side by side.
import { expect, test } from 'vitest';
import { registerWithToken } from '../harness/users.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const site = useBrowserTestServer();

test('after both consents the widget shows the tokens', async () => {
  await site().server.admin.createToken({ token: 'for-the-family' });
  const { client } = await site().visitor('consenting');
  await client.page.getByText('Using this widget may share data with localhost').waitFor();
  expect(await client.page.locator('.widget iframe').count()).toBe(0);
  await client.consent();
  await client.identity('Allow');
  await client.widget.shows('for-the-family');
  expect(client.errors).toEqual([]);
});

test('a token created by command appears in the widget at once', async () => {
  const { client } = await site().visitor('typing');
  await client.openWidget();
  await client.ask('create by-command uses=3');
  await client.widget.shows('by-command');
});

test('a token created in the widget is in the list of the command', async () => {
  const { client } = await site().visitor('clicking');
  await client.openWidget();
  const token = await client.widget.quickCreate();
  expect(token).toMatch(/^[A-Za-z0-9]{16}$/);
  await client.widget.shows(token);
  const count = (await site().server.tokens()).length;
  await client.widget.button(`All: ${count} tokens`).waitFor();
  const answer = await client.ask('list');
  expect(await answer.innerText()).toContain(token);
});

test('several tokens with a use limit and without expiry', async () => {
  const { client } = await site().visitor('several');
  await client.openWidget();
  await client.widget.button('More options…').click();
  const dialog = client.widget.dialog();
  await dialog.getByRole('radio', { name: 'A number' }).check();
  await dialog.getByLabel('Number of uses').fill('12');
  await dialog.getByRole('radio', { name: 'Never expires' }).check();
  await dialog.getByLabel('How many tokens?').fill('3');
  await dialog.getByRole('button', { name: 'Create 3 tokens' }).click();
  const ready = client.widget.frame.getByRole('region', { name: '3 tokens are ready' });
  await ready.waitFor();
  const names = await ready.locator('code').allInnerTexts();
  const created = (await site().server.tokens()).filter(({ token }) => names.includes(token));
  expect(created).toHaveLength(3);
  for (const token of created) expect(token).toMatchObject({ uses_allowed: 12, expiry_time: null });
});

test('a deletion is confirmed inside the widget, names the token, and can be cancelled', async () => {
  await site().server.admin.createToken({ token: 'goes-away' });
  const { client } = await site().visitor('deleting');
  const { widget } = client;
  await client.openWidget();
  await widget.button('Delete goes-away').click();
  expect(await widget.dialog().innerText()).toContain('goes-away');
  await widget.dialog().getByRole('button', { name: 'Cancel' }).click();
  await widget.button('Delete goes-away').click();
  await widget.dialog().getByRole('button', { name: 'Delete', exact: true }).click();
  await widget.showsNoLonger('goes-away');
  expect((await site().server.tokens()).map(({ token }) => token)).not.toContain('goes-away');
});

test('a deletion that is asked by command and confirmed with ✅ takes the token out of the widget', async () => {
  await site().server.admin.createToken({ token: 'by-reaction' });
  const { client } = await site().visitor('reacting');
  await client.openWidget();
  await client.widget.shows('by-reaction');
  const question = await client.ask('delete by-reaction');
  const yes = question.getByRole('button', { name: 'React ✅' });
  await yes.filter({ hasText: '1' }).click();
  await client.widget.showsNoLonger('by-reaction');
  await question.getByText('(edited)').waitFor();
});

test('an edit changes the token at the homeserver and in the list', async () => {
  await site().server.admin.createToken({ token: 'to-edit', uses_allowed: 1 });
  const { client } = await site().visitor('editing');
  await client.openWidget();
  const dialog = await client.widget.edit('to-edit');
  await dialog.getByRole('radio', { name: 'A number' }).check();
  await dialog.getByLabel('Number of uses').fill('25');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await client.widget.token('to-edit').getByText('0 / 25').waitFor();
  const edited = (await site().server.tokens()).find(({ token }) => token === 'to-edit');
  expect(edited).toMatchObject({ uses_allowed: 25 });
});

test('saving over another person’s change is refused and shows that change', async () => {
  await site().server.admin.createToken({ token: 'contested', uses_allowed: 1 });
  const { client } = await site().visitor('slow');
  const { chat: other } = await site().visitor('quick');
  await client.openWidget();
  const dialog = await client.widget.edit('contested');
  await dialog.getByRole('radio', { name: 'Any number' }).check();
  await other.ask('edit contested uses=5');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Somebody else changed this token in the meantime.').waitFor();
  expect(await dialog.getByLabel('Number of uses').inputValue()).toBe('5');
});

test('a registration with a token shows within five seconds', async () => {
  const { server } = site();
  await server.admin.createToken({ token: 'for-a-friend', uses_allowed: 2 });
  const { client } = await site().visitor('watching');
  await client.openWidget();
  await client.widget.shows('for-a-friend');
  const newcomer = { username: 'friend', password: 'a long password', token: 'for-a-friend' };
  await registerWithToken(server.baseUrl, newcomer);
  await client.widget.token('for-a-friend').getByText('1 / 2').waitFor({ timeout: 5_000 });
});
