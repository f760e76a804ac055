// Who may manage tokens, what the forms send, and rarely used views.
import { expect, test } from 'vitest';
import { en } from '../../widget/src/i18n/en.ts';
import { expectAccessible } from './harness/axe.ts';
import { useBrowserTestServer } from './harness/suite.ts';
import type { WidgetFrame } from './harness/widgetFrame.ts';

const DAY_MS = 86_400_000;
const site = useBrowserTestServer();

test('axe finds nothing on the empty list', async () => {
  const { client } = await site().visitor('first');
  await client.openWidget();
  await client.widget.heading(en.list.empty).waitFor();
  await expectAccessible(client.widget, 'empty list, light');
  await client.choose('Theme', 'dark');
  await shownIn(client.widget, 'dark');
  await expectAccessible(client.widget, 'empty list, dark');
});

test('axe finds nothing on a page that says why there is nothing', async () => {
  const { client } = await site().visitor('refusing');
  await client.consent();
  await client.identity('Deny');
  await client.widget.heading(en.page.declined).waitFor();
  await expectAccessible(client.widget, 'declined, light');
  await client.choose('Theme', 'dark');
  await shownIn(client.widget, 'dark');
  await expectAccessible(client.widget, 'declined, dark');
});

test.each(['light', 'dark'] as const)('axe finds nothing in a plain tab that is %s', async (colorScheme) => {
  const page = await (await site().context({ colorScheme })).newPage();
  await page.goto(`${site().publicUrl}/widget/`);
  await page.getByRole('heading', { name: en.page.plain }).waitFor();
  await shownIn(page, colorScheme);
  await expectAccessible(page, `plain tab, ${colorScheme}`);
});

test('a custom token is validated while it is typed, and sent only if valid', async () => {
  const { client } = await site().visitor('naming');
  const { widget, page } = client;
  await client.openWidget();
  let sent = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/v1/tokens')) sent++;
  });
  const dialog = await widget.createForm();
  const field = dialog.getByLabel(en.form.token);
  const submit = dialog.getByRole('button', { name: en.create.quick });
  const wrong: [string, string][] = [
    ['schön', en.form.errors.tokenCharacters],
    ['two words', en.form.errors.tokenCharacters],
    ['..', en.form.errors.tokenDots],
    ['x'.repeat(65), en.form.errors.tokenLong],
  ];
  for (const [token, problem] of wrong) {
    await field.fill('');
    await dialog.getByText(en.form.tokenHint).waitFor();
    await field.pressSequentially(token);
    await dialog.getByText(problem).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await submit.click();
    await dialog.getByText(problem).waitFor();
  }
  expect(sent).toBe(0);
  await field.fill('Right_one.~-1');
  await dialog.getByText(en.form.tokenOk(51)).waitFor();
  await submit.click();
  await widget.shows('Right_one.~-1');
  expect(sent).toBe(1);
});

test('a token that is there already is refused in the form, which stays as it is', async () => {
  await site().server.admin.createToken({ token: 'taken' });
  const { client } = await site().visitor('late');
  await client.openWidget();
  const dialog = await client.widget.createForm();
  await dialog.getByLabel(en.form.token).fill('taken');
  await dialog.getByRole('button', { name: en.create.quick }).click();
  await dialog.getByText(en.create.failed).waitFor();
  expect(await dialog.getByLabel(en.form.token).inputValue()).toBe('taken');
});

test('impossible numbers and times are pointed out in the form', async () => {
  const { client } = await site().visitor('clumsy');
  await client.openWidget();
  const before = await site().server.tokens();
  const dialog = await client.widget.createForm();
  await dialog.getByRole('radio', { name: en.form.usesNumber }).check();
  await dialog.getByLabel(en.form.usesField).fill('0');
  await dialog.getByRole('radio', { name: en.form.expiryAt }).check();
  await dialog.getByLabel(en.form.expiryField).fill('2020-01-01T00:00');
  await dialog.getByLabel(en.form.count).fill('51');
  await dialog.locator('button[type=submit]').click();
  for (const problem of [en.form.errors.uses, en.form.errors.expiryPast, en.form.errors.count]) {
    await dialog.getByText(problem).waitFor();
  }
  expect(await site().server.tokens()).toEqual(before);
});

test('the homeserver gets the chosen uses and expiry, in the person’s time zone', async () => {
  const { client } = await site().visitor('choosing', { timezoneId: 'Asia/Kolkata' });
  const { widget } = client;
  await client.openWidget();
  const { form } = en;
  const cases: [string, number | null, string, number | null][] = [
    [form.usesOne, 1, form.expiry1d, DAY_MS],
    [form.usesNumber, 42, form.expiry30d, 30 * DAY_MS],
    [form.usesUnlimited, null, form.expiryNever, null],
    [form.usesOne, 1, form.expiryAt, Date.UTC(2099, 2, 1, 7, 0)],
  ];
  for (const [index, [uses, usesAllowed, expiry, span]] of cases.entries()) {
    const token = `chosen-${index}`;
    const dialog = await widget.createForm();
    await dialog.getByRole('radio', { name: uses, exact: true }).check();
    if (usesAllowed === 42) await dialog.getByLabel(form.usesField).fill('42');
    await dialog.getByRole('radio', { name: expiry, exact: true }).check();
    if (expiry === form.expiryAt) await dialog.getByLabel(form.expiryField).fill('2099-03-01T12:30');
    await dialog.getByLabel(form.token).fill(token);
    const asked = Date.now();
    await dialog.getByRole('button', { name: en.create.quick }).click();
    await widget.shows(token);
    const created = await site().server.admin.getToken(token);
    expect(created.uses_allowed, token).toBe(usesAllowed);
    if (span === null || expiry === form.expiryAt) expect(created.expiry_time, token).toBe(span);
    else expect(Math.abs((created.expiry_time ?? 0) - asked - span), token).toBeLessThan(30_000);
  }
});

test('everything works where the browser lets the widget store nothing', async () => {
  const { client } = await site().visitor('private');
  const { widget } = client;
  await client.page.addInitScript(`if (window !== window.top)
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
      Object.defineProperty(window, name, { get() { throw new DOMException('Access is denied.', 'SecurityError'); } });`);
  await client.openWidget();
  expect(
    await widget.evaluate('(() => { try { return localStorage; } catch (e) { return e.name; } })()'),
  ).toBe('SecurityError');
  await widget.shows(await widget.quickCreate());
  await widget.tab('Access').click();
  await widget.button(en.access.addButton).waitFor();
  expect(client.errors).toEqual([]);
});

test('nothing moves with “reduce motion”', async () => {
  const { client: lively } = await site().visitor('lively');
  await lively.consent();
  await lively.widget.text(en.page.connecting).waitFor();
  expect(await motions(lively.widget)).toContain('skeleton-row');

  const { client } = await site().visitor('calm', { reducedMotion: 'reduce' });
  const { widget } = client;
  await client.consent();
  await widget.text(en.page.connecting).waitFor();
  expect(await motions(widget)).toEqual([]);
  await client.identity('Allow');
  await widget.quickCreate();
  expect(await motions(widget)).toEqual([]);
  await widget.createForm();
  expect(await motions(widget)).toEqual([]);
});

// The last two of this file: halfway through them few people have access.
test('the first allowed pattern replaces the open default; the chat says the same as the widget', async () => {
  const { serverName } = site().server.synapse;
  const { person, client } = await site().visitor('keeper');
  const { widget } = client;
  const friend = `@friend:${serverName}`;
  await client.openWidget();
  await widget.tab('Access').click();
  await widget.text(en.access.openTitle(serverName)).waitFor();
  const field = widget.frame.getByLabel(en.access.pattern);

  await field.fill('friend');
  await widget.button(en.access.addButton).click();
  const refusal = widget.text(en.access.notAdded);
  await refusal.waitFor();
  expect(await refusal.innerText()).toContain('“friend” matches no user ID');
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await field.fill('@(:x');
  await refusal.waitFor({ state: 'detached' });
  await widget.button(en.access.addButton).click();
  await refusal.waitFor();
  expect(await refusal.innerText()).toContain('is not a valid pattern');
  await widget.text(en.access.openTitle(serverName)).waitFor();

  await field.fill(friend);
  await widget.button(en.access.addButton).click();
  await widget.text(en.access.named).waitFor();
  await widget.text(`${person.userId} was added too`).first().waitFor();
  const entries = widget.frame.locator('.pattern code');
  expect((await entries.allInnerTexts()).sort()).toEqual([friend, person.userId].sort());
  const listed = await (await client.ask('allowed')).innerText();
  expect(listed).toContain(friend);
  expect(listed).toContain(person.userId);

  await client.ask(`allow @typed:${serverName}`);
  await widget.button(`Remove @typed:${serverName}`).click();
  await widget.dialog().getByText(en.access.removeHint).waitFor();
  expect(await widget.dialog().innerText()).not.toContain('everybody');
  await widget.dialog().getByRole('button', { name: en.remove, exact: true }).click();
  await widget.button(`Remove @typed:${serverName}`).waitFor({ state: 'detached' });
  await widget.button(`Remove ${friend}`).click();
  await widget.dialog().getByRole('button', { name: en.cancel }).click();
  await widget.button(`Remove ${friend}`).click();
  await widget.dialog().getByRole('button', { name: en.remove, exact: true }).click();
  await widget.button(`Remove ${friend}`).waitFor({ state: 'detached' });

  await widget.button(`Remove ${person.userId}`).click();
  await widget.dialog().getByText(en.access.removeLast(serverName)).waitFor();
  await widget.dialog().getByRole('button', { name: en.remove, exact: true }).click();
  await widget.text(en.access.openTitle(serverName)).waitFor();
  expect(await (await client.ask('allowed')).innerText()).toContain('nobody is allowed by name');
});

test('the dialog warns as soon as its entry is the last one', async () => {
  const { client, person } = await site().visitor('last');
  const { widget } = client;
  const { serverName } = site().server;
  const all = `@.*:${serverName}`;
  await client.openWidget();
  await widget.tab('Access').click();
  await client.ask(`allow ${all} ${person.userId}`);
  await widget.button(`Remove ${all}`).click();
  await widget.dialog().getByText(en.access.removeHint).waitFor();
  await client.ask(`disallow ${person.userId}`);
  await widget.dialog().getByText(en.access.removeLast(serverName)).waitFor();
  await expectAccessible(widget, 'last entry, light');
  await widget.dialog().getByRole('button', { name: en.remove, exact: true }).click();
  await widget.text(en.access.openTitle(serverName)).waitFor();
});

/** Classes of what would move for longer than a frame. */
async function motions(widget: WidgetFrame): Promise<string[]> {
  return await widget.evaluate<string[]>(`(() => {
    const isLong = (times) => times.split(',').some((time) => Number.parseFloat(time) > 0.016);
    const moving = [...document.querySelectorAll('*')].filter((element) => {
      const { transitionDuration, animationDuration, scrollBehavior } = getComputedStyle(element);
      return isLong(transitionDuration) || isLong(animationDuration) || scrollBehavior === 'smooth';
    });
    return [...new Set(moving.map((element) => element.className || element.localName))];
  })()`);
}

async function shownIn(
  page: { evaluate<T>(expression: string): Promise<T> },
  theme: 'light' | 'dark',
): Promise<void> {
  await expect
    .poll(() => page.evaluate<string>('getComputedStyle(document.documentElement).colorScheme'))
    .toBe(theme);
}
