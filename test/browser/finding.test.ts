// Searching, filtering and sorting thousands of tokens.
import { beforeAll, expect, test } from 'vitest';
import { en } from '../../widget/src/i18n/en.ts';
import { insertTokens, type TokenRow } from '../harness/synapseTokens.ts';
import type { ClientPage } from './harness/clientPage.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const MANY = 10_000;
const DAY_MS = 86_400_000;
const site = useBrowserTestServer();

/** Every fourth is used up. */
const MANY_ROWS: TokenRow[] = Array.from({ length: MANY }, (_, i) => ({
  token: `many-${i + 1}`,
  uses_allowed: 1,
  completed: (i + 1) % 4 === 0 ? 1 : 0,
  expiry_time: null,
}));
const BIRDS: TokenRow[] = [
  { token: 'bird-owl', uses_allowed: null, completed: 5, expiry_time: null },
  { token: 'bird-emu', uses_allowed: 2, completed: 0, expiry_time: Date.now() + DAY_MS },
  { token: 'bird-jay', uses_allowed: 9, completed: 3, expiry_time: Date.now() + 30 * DAY_MS },
  { token: 'bird-kea', uses_allowed: 4, completed: 2, expiry_time: Date.now() - DAY_MS },
  { token: 'bird-tit', uses_allowed: 1, completed: 1, expiry_time: null },
];

beforeAll(() => {
  insertTokens(site().server.synapse, [...MANY_ROWS, ...BIRDS]);
});

async function search({ widget }: ClientPage, text: string): Promise<void> {
  await widget.frame.getByRole('searchbox', { name: en.list.search }).fill(text);
}

async function expectListed({ widget }: ClientPage, tokens: string[]): Promise<void> {
  await expect.poll(() => widget.listed(), { timeout: 10_000 }).toEqual(tokens);
}

test('the search finds what contains the words, and says so where nothing does', async () => {
  const { client } = await site().visitor('searching');
  const { widget } = client;
  await client.openWidget();
  await search(client, 'MANY-9999');
  await expectListed(client, ['many-9999']);
  await widget.text('1 token shown').waitFor();
  await search(client, 'no such token');
  await widget.heading(en.list.nothingFound).waitFor();
  await widget.button(en.list.showAll).click();
  await widget.text('10,005 tokens shown').waitFor();
  expect(await widget.frame.getByRole('searchbox').inputValue()).toBe('');
});

test('the states are counted, and each count shows its tokens', async () => {
  const { client } = await site().visitor('filtering');
  const { widget } = client;
  await client.openWidget();
  await widget.button('All: 10,005 tokens').waitFor();
  await widget.button('Valid: 7,503 tokens').waitFor();
  await widget.button('Expired: 1 token').click();
  await expectListed(client, ['bird-kea']);
  await widget.button('Used up: 2,501 tokens').click();
  await widget.text('2,502 tokens shown').waitFor();
  await widget.button('Expired: 1 token').click();
  await widget.text('2,501 tokens shown').waitFor();
  await search(client, 'bird');
  await expectListed(client, ['bird-tit']);
  await widget.button(/^All: /).click();
  await expect.poll(() => widget.listed()).toHaveLength(BIRDS.length);
});

test('the list is sorted by the chosen column', async () => {
  const { client } = await site().visitor('sorting');
  const { widget } = client;
  await client.openWidget();
  await search(client, 'bird-');
  await expectListed(client, ['bird-tit', 'bird-kea', 'bird-jay', 'bird-emu', 'bird-owl']);
  const sort = widget.frame.getByRole('combobox', { name: en.list.sort });
  await sort.selectOption(en.list.sorts.token);
  await expectListed(client, ['bird-emu', 'bird-jay', 'bird-kea', 'bird-owl', 'bird-tit']);
  await sort.selectOption(en.list.sorts.completed);
  await expect
    .poll(() => widget.listed())
    .toEqual(['bird-owl', 'bird-jay', 'bird-kea', 'bird-tit', 'bird-emu']);
  await sort.selectOption(en.list.sorts.expiry_time);
  await expect
    .poll(async () => (await widget.listed()).slice(0, 3))
    .toEqual(['bird-kea', 'bird-emu', 'bird-jay']);
});

test('ten thousand tokens scroll to the last, with only a window of them in the page', async () => {
  const { client } = await site().visitor('scrolling');
  const { page, widget } = client;
  await client.openWidget();
  await widget.shows('bird-tit');
  await widget.frame.getByRole('checkbox', { name: en.list.selectAll }).focus();
  await page.keyboard.press('End');
  await widget.shows('many-1');
  expect((await widget.listed()).at(-1)).toBe('many-1');
  expect((await widget.listed()).length).toBeLessThan(60);
  expect(await widget.token('many-1').getAttribute('aria-posinset')).toBe('10005');
  await page.keyboard.press('Home');
  await widget.shows('bird-tit');
  expect((await widget.listed())[0]).toBe('bird-tit');
  expect((await widget.listed()).length).toBeLessThan(60);
  await widget.showsNoLonger('many-1');
});

test('selecting all takes no more than can be deleted at once, and says so; the question names the first', async () => {
  const { client } = await site().visitor('sweeping');
  const { widget } = client;
  await client.openWidget();
  const all = widget.frame.getByRole('checkbox', { name: en.list.selectAll });
  await search(client, 'bird-');
  await expect.poll(() => widget.listed()).toHaveLength(BIRDS.length);
  await all.click();
  await widget.text('5 selected').waitFor();
  await search(client, '');
  await widget.text('10,005 tokens shown').waitFor();
  await all.click();
  await widget.text(en.deleting.limit).first().waitFor();
  await widget.text('1,000 selected').waitFor();
  await widget.button(en.list.deleteSelected).click();
  const dialog = widget.frame.getByRole('dialog', { name: 'Delete 1,000 tokens?' });
  await dialog.getByText('and 980 more').waitFor();
  expect(await dialog.locator('code').count()).toBe(20);
  await dialog.getByRole('button', { name: en.cancel }).click();
  await widget.button(en.list.clearSelection).click();
  await widget.text('10,005 tokens shown').waitFor();
});

test('several are selected and deleted at once, after a question that names each', async () => {
  const { client } = await site().visitor('tidying');
  const { widget } = client;
  await client.openWidget();
  await search(client, 'many-777');
  await expect.poll(() => widget.listed()).toHaveLength(11);
  const doomed = ['many-777', 'many-7770', 'many-7779'];
  for (const token of doomed) {
    await widget.frame.getByRole('checkbox', { name: `Select ${token}`, exact: true }).check();
  }
  await widget.text('3 selected').waitFor();
  await widget.button(en.list.deleteSelected).click();
  const dialog = widget.frame.getByRole('dialog', { name: 'Delete 3 tokens?' });
  expect((await dialog.locator('code').allInnerTexts()).sort()).toEqual(doomed);
  await dialog.getByRole('button', { name: 'Delete 3' }).click();
  await widget.text('3 tokens deleted').first().waitFor();
  await expect.poll(() => widget.listed()).toHaveLength(8);
  await widget.text('8 tokens shown').waitFor();
  await widget.button('All: 10,002 tokens').waitFor();
  const left = new Set((await site().server.tokens()).map(({ token }) => token));
  expect(left.size).toBe(MANY + BIRDS.length - doomed.length);
  expect(doomed.filter((token) => left.has(token))).toEqual([]);
});
