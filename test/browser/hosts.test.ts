// The clients in which the other tests open the widget.
import { expect, test } from 'vitest';
import { useBrowserTestServer } from './harness/suite.ts';

const site = useBrowserTestServer();

test('like Element: a widget 300 px high and at most 900 px wide, which asks each time unless remembered', async () => {
  const { client } = await site().visitor('at-element', { host: 'element' });
  await client.openWidget({ remember: false });
  const size = await client.page.locator('.widget iframe').boundingBox();
  expect(size).toMatchObject({ width: 900, height: 300 });
  expect(await client.identityRequests()).toBe(1);

  await client.choose('Language', 'de');
  await client.identity('Allow', { remember: true });
  await client.widget.button('Token erstellen').waitFor();
  await client.choose('Language', 'en');
  await client.widget.button('Create token').waitFor();
  expect(await client.identityRequests()).toBe(3);
});

test('like Sable: a widget in a drawer of 360 px, which asks nothing', async () => {
  const { client } = await site().visitor('at-sable', { host: 'sable' });
  expect(await client.page.locator('.widget').count()).toBe(0);
  await client.openWidget();
  expect((await client.page.locator('.widget').boundingBox())?.width).toBe(360);
  expect(await client.page.getByRole('dialog').count()).toBe(0);
});
