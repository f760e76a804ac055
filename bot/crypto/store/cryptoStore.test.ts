import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Store } from '../../store/store.ts';
import { type CryptoStore, openCryptoStore } from './cryptoStore.ts';
import { contents, ended, openDatabase, write } from './testDatabases.ts';

let dir: string;
let path: string;
let opened: CryptoStore[];
let faults: unknown[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-crypto-'));
  path = join(dir, 'crypto.sqlite');
  opened = [];
  faults = [];
});

afterEach(() => {
  for (const store of opened) store.close();
  expect(faults).toEqual([]);
  rmSync(dir, { recursive: true, force: true });
});

async function open(file = path): Promise<CryptoStore> {
  const store = await openCryptoStore(file, (error) => faults.push(error));
  opened.push(store);
  return store;
}

const openNotes = (store: CryptoStore, name = 'd') =>
  openDatabase(store, name, 1, (database) => database.createObjectStore('notes'));

describe('the file', () => {
  test('can be read by its owner alone, with all that is beside it', async () => {
    const store = await open();
    await write(await openNotes(store), 'notes', ['a', 1]);
    const files = readdirSync(dir);
    expect(files).toContain('crypto.sqlite-wal');
    for (const file of files) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
  });

  test('is one file once the store is closed', async () => {
    const store = await open();
    await write(await openNotes(store), 'notes', ['a', 1]);
    store.close();
    store.close();
    expect(readdirSync(dir)).toEqual(['crypto.sqlite']);
  });

  test('belongs to one process at a time', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ kind: 'data_dir_in_use' });
  });

  test('is empty until it has a database', async () => {
    const store = await open();
    expect(await contents(store)).toEqual({});
    store.facts.set('user_id', '@a:x');
    store.close();
    const again = await open();
    expect(await contents(again)).toEqual({});
    await openNotes(again);
    again.close();
    expect(await contents(await open())).not.toEqual({});
  });

  test('has a generation that grows with each change; one that falls behind the note is an older copy', async () => {
    const { meta } = new Store(':memory:');
    const reopen = async () => {
      const store = await openCryptoStore(path, (error) => faults.push(error), { meta });
      opened.push(store);
      return store;
    };
    const noted = () => Number(meta.get('crypto_generation') ?? 0);
    // Of a file that is lost.
    meta.set('crypto_generation', '1000');
    const store = await reopen();
    expect(noted()).toBe(0);
    const notes = await openNotes(store);
    store.noteGeneration();
    expect(noted()).toBe(store.generation);
    const { generation } = store;
    await write(notes, 'notes', ['a', 1]);
    expect(store.generation).toBeGreaterThan(generation);
    store.close();
    // Killed before the next note.
    const again = await reopen();
    expect(again.generation).toBeGreaterThan(noted());
    expect(again.facts.get('olm_sessions')).toBeUndefined();
    again.noteGeneration();
    expect(noted()).toBe(again.generation);
    again.close();
    const same = await reopen();
    expect(same).toMatchObject({ generation: noted() });
    expect(same.facts.get('olm_sessions')).toBeUndefined();
    same.close();
    meta.set('crypto_generation', String(noted() + 1));
    const copy = await reopen();
    expect(copy.facts.get('olm_sessions')).toBe('forgotten');
    expect(copy.generation).toBeGreaterThan(noted());
  });

  test('keeps the owner’s facts', async () => {
    const store = await open();
    expect(store.facts.get('device_id')).toBeUndefined();
    store.facts.set('device_id', 'A');
    store.facts.set('device_id', 'B');
    store.close();
    expect((await open()).facts.get('device_id')).toBe('B');
  });
});

describe('a file that can’t be used is refused, and stays as it is:', () => {
  async function expectRefusal(sentence: RegExp): Promise<void> {
    const before = readFileSync(path);
    await expect(open()).rejects.toMatchObject({
      kind: 'data_dir_unusable',
      sentence: expect.stringMatching(sentence),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  }

  test('not a database', async () => {
    writeFileSync(path, 'x'.repeat(5000));
    await expectRefusal(/The crypto store .* is damaged: file is not a database\. Move the file away/);
  });

  test('cut off', async () => {
    const store = await open();
    await write(await openNotes(store), 'notes', ['a', 'x'.repeat(50_000)], ['b', 'y'.repeat(50_000)]);
    store.close();
    writeFileSync(path, readFileSync(path).subarray(0, 40_000));
    await expectRefusal(/is damaged: database disk image is malformed/);
  });

  test('a record that can’t be read', async () => {
    const store = await open();
    await write(await openNotes(store), 'notes', ['a', 1]);
    store.close();
    change("UPDATE records SET value = x'00ff'");
    await expectRefusal(/is damaged: /);
  });

  test('the database of another program', async () => {
    change('CREATE TABLE meta (key TEXT); PRAGMA user_version = 1');
    await expectRefusal(/is another program’s database/);
  });

  test('of a newer version of the bot', async () => {
    (await open()).close();
    change('PRAGMA user_version = 99');
    await expectRefusal(/The crypto store was written by a newer version of the bot \(schema 99/);
  });

  function change(sql: string): void {
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
  }
});

describe('several stores in one process', () => {
  test('do not mix, also when they are opened and written at the same time', async () => {
    const paths = ['a', 'b', 'c'].map((name) => join(dir, name));
    const stores = await Promise.all(paths.map(open));
    await Promise.all(
      stores.map(async (store, i) => {
        const database = await openNotes(store);
        await Promise.all([1, 2, 3].map((n) => write(database, 'notes', [n, `store ${i}`])));
      }),
    );
    for (const store of stores) store.close();
    for (const [i, file] of paths.entries()) {
      const values = Array(3).fill(`store ${i}`);
      expect(await contents(await open(file))).toMatchObject({ d: { stores: { notes: { values } } } });
    }
  });

  test('take turns with the global, which is then what it was before', async () => {
    const [a, b] = [await open(join(dir, 'a')), await open(join(dir, 'b'))];
    const other = { not: 'ours' };
    Object.defineProperty(globalThis, 'indexedDB', { value: other, configurable: true, writable: true });
    try {
      const current = () => Reflect.get(globalThis, 'indexedDB');
      const inside = await Promise.all(
        [a, b].map((store) =>
          store.withIndexedDb(async () => {
            const first = current();
            await openOutside();
            return first === current() && first !== other ? first : undefined;
          }),
        ),
      );
      expect(new Set(inside).size).toBe(2);
      expect(inside).not.toContain(undefined);
      expect(current()).toBe(other);
      await expect(a.withIndexedDb(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(current()).toBe(other);
    } finally {
      Reflect.deleteProperty(globalThis, 'indexedDB');
    }
    await b.withIndexedDb(async () => undefined);
    expect('indexedDB' in globalThis).toBe(false);

    /** Lets every turn that could begin do so. */
    function openOutside(): Promise<void> {
      return new Promise((resolve) => setImmediate(resolve));
    }
  });
});

describe('a process that ends in the middle of a transaction', () => {
  test('by close(): it is aborted, what was there before stays', async () => {
    const store = await open();
    const database = await openNotes(store);
    await write(database, 'notes', ['a', 1]);
    const transaction = database.transaction('notes', 'readwrite');
    transaction.objectStore('notes').put(2, 'a');
    store.close();
    expect(await ended(transaction)).toBe('abort');
    expect(await contents(await open())).toMatchObject({ d: { stores: { notes: { values: [1] } } } });
  });

  test('by SIGKILL: every record of a completed transaction is there', async () => {
    const writer = fileURLToPath(new URL('testWriter.ts', import.meta.url));
    const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    const seen: number[] = [];
    for await (const line of createInterface(child.stdout)) {
      seen.push(Number(line));
      if (seen.length === 50) child.kill('SIGKILL');
    }
    expect(await exit).toEqual([null, 'SIGKILL']);
    expect(existsSync(`${path}-wal`)).toBe(true);
    const store = await open();
    const expected = seen.map((n) => `value ${n}`);
    const { d } = (await contents(store)) as { d: { stores: { s: { values: string[] } } } };
    expect(d.stores.s.values.slice(0, seen.length)).toEqual(expected);
    expect(seen.length).toBeGreaterThanOrEqual(50);
  });
});
