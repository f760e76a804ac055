// docs/security.md says of each table how long its rows are kept.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCryptoFile } from '../../bot/crypto/store/cryptoFile.ts';
import { openDatabase } from '../../bot/store/database.ts';
import { ROOT, tablesIn } from './markdown.ts';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-tables-'));
});

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function tablesOf(open: () => DatabaseSync): string[] {
  const db = open();
  const rows = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  db.close();
  return rows.map(({ name }) => String(name)).filter((name) => !name.startsWith('sqlite_'));
}

test('each table has its row, with a bound or a reason', () => {
  const page = readFileSync(`${ROOT}/docs/security.md`, 'utf8');
  const rows = tablesIn(page).find(({ header }) => header[0] === 'Table')?.rows ?? [];
  const documented = rows.flatMap(([tables = '']) =>
    [...tables.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );
  const tables = [
    ...tablesOf(() => openDatabase(dir)),
    ...tablesOf(() => openCryptoFile(join(dir, 'crypto.sqlite'))),
  ];
  expect(documented.toSorted()).toEqual(tables.toSorted());
  for (const [table, , bound = ''] of rows) expect(bound, table).not.toBe('');
});
