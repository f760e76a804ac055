// Forms in little room: at the top of a room a widget is some 300 pixels high, on phones 320 to 390 wide.
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { de } from '../../widget/src/i18n/de.ts';
import { en } from '../../widget/src/i18n/en.ts';
import type { ClientPage } from './harness/clientPage.ts';
import { useBrowserTestServer } from './harness/suite.ts';

const site = useBrowserTestServer();
const SIZES = [
  [900, 300],
  [320, 640],
  [360, 640],
  [390, 844],
  [1280, 800],
] as const;
const TARGETS = "'dialog :is(label.choice, .field, .button)'";
const PARTS =
  "'dialog :is(h2, legend, label.choice, label[for]:not(.unseen), code, .badge, .field, .button, p:not(:empty))'";
/** Whether anything of an element is outside of the dialog or the widget, or below something else. */
const COVERED = `const covered = (element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const dialog = element.closest('dialog').getBoundingClientRect();
  if (top < Math.max(0, dialog.top) || bottom > Math.min(innerHeight, dialog.bottom)) return true;
  if (left < Math.max(0, dialog.left) || right > Math.min(innerWidth, dialog.right)) return true;
  return [top + 2, (top + bottom) / 2, bottom - 2].some((y) => {
    const seen = document.elementFromPoint((left + right) / 2, y);
    return seen === null || !(element.contains(seen) || seen.contains(element));
  });
};`;

test.each(['en', 'de'] as const)('every field and button of a form is in view (%s)', async (code) => {
  const t = code === 'de' ? de : en;
  const token = `form-${code}`;
  const expiry_time = Date.now() + 1_000_000_000;
  await site().server.admin.createToken({ token, uses_allowed: 12, expiry_time });
  const { client } = await site().visitor(token);
  const { widget } = client;
  await client.openWidget();
  await client.choose('Language', code);
  await widget.button(t.create.more).waitFor();
  await client.resizeWidget(900, 300);

  await widget.button(t.create.more).click();
  const dialog = widget.dialog();
  await expectInView(client, dialog, 'create');
  await dialog.getByRole('radio', { name: t.form.usesNumber, exact: true }).check();
  await dialog.getByRole('radio', { name: t.form.expiryAt }).check();
  await expectInView(client, dialog, 'create with number and date');
  await dialog.getByRole('button', { name: t.cancel }).click();

  await widget.button(t.list.editToken(token)).click();
  await dialog.getByRole('button', { name: t.save }).and(widget.frame.locator(':enabled')).waitFor();
  await dialog.getByRole('radio', { name: t.form.expiryAt }).check();
  await expectInView(client, dialog, 'edit');
  await dialog.getByRole('button', { name: t.cancel }).click();

  await widget.button(t.list.deleteToken(token)).click();
  await expectInView(client, dialog, 'delete');
});

test('where a form does not fit, a sign says that there is more, until its end is in view', async () => {
  const { client } = await site().visitor('squeezed');
  const { widget, page } = client;
  await client.openWidget();
  await client.resizeWidget(320, 300);
  const dialog = await widget.createForm();
  const sign = widget.frame.locator('dialog[data-more]');
  await sign.waitFor();
  // The keyboard reaches what is hidden, and the buttons do not cover it.
  const count = dialog.getByLabel(en.form.count);
  while ((await count.and(widget.frame.locator(':focus')).count()) === 0) await page.keyboard.press('Tab');
  expect(await widget.evaluate(`${COVERED} covered(document.activeElement)`)).toBe(false);
  await widget.evaluate(`document.querySelector('dialog').scrollTo(0, 9999)`);
  await sign.waitFor({ state: 'detached' });
  // Back at the top it is there again; a larger widget needs none.
  await widget.evaluate(`document.querySelector('dialog').scrollTo(0, 0)`);
  await sign.waitFor();
  await client.resizeWidget(320, 800);
  await sign.waitFor({ state: 'detached' });
});

test.each(['element', 'sable'] as const)('the form is in view as %s shows the widget', async (host) => {
  // The drawer is as high as the window.
  const viewport = { width: 1200, height: 720 };
  const { client } = await site().visitor(`at-${host}`, { host, viewport });
  await client.openWidget();
  const dialog = await client.widget.createForm();
  await dialog.getByRole('radio', { name: en.form.usesNumber, exact: true }).check();
  await dialog.getByRole('radio', { name: en.form.expiryAt }).check();
  await expectUncovered(client, host);
});

/** At each size. */
async function expectInView(client: ClientPage, dialog: Locator, state: string): Promise<void> {
  await dialog.waitFor();
  for (const [width, height] of SIZES) {
    await client.resizeWidget(width, height);
    await expectUncovered(client, `${state} at ${width} × ${height}`);
  }
}

/** Nothing is cut off or covered, and what is clicked is at least 24 pixels high and wide. */
async function expectUncovered({ widget }: ClientPage, where: string): Promise<void> {
  expect(await widget.overflow(), where).toBe(0);
  const hidden = `${COVERED} [...document.querySelectorAll(${PARTS})].filter(covered)`;
  expect(await widget.evaluate(`${hidden}.map((part) => part.outerHTML.slice(0, 120))`), where).toEqual([]);
  const small = `[...document.querySelectorAll(${TARGETS})].filter((target) => {
    const { width, height } = target.getBoundingClientRect();
    return Math.min(width, height) < 24;
  })`;
  expect(await widget.evaluate(`${small}.map((part) => part.outerHTML.slice(0, 120))`), where).toEqual([]);
}
