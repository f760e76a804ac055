import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ASSETS = resolve(import.meta.dirname, '..', '..', 'widget', 'dist', 'assets');

test('all of the widget’s JavaScript and CSS is at most 45 KB gzipped', () => {
  const packed = readdirSync(ASSETS).filter((name) => name.endsWith('.gz'));
  expect(packed.some((name) => name.endsWith('.js.gz'))).toBe(true);
  const bytes = packed.reduce((sum, name) => sum + statSync(join(ASSETS, name)).size, 0);
  expect(bytes).toBeLessThanOrEqual(45_000);
});
