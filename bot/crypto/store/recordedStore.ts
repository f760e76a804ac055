// The object stores of a recorded transaction, with their indexes and cursors: each successful change is recorded, in
// order. They are fake-indexeddb's objects with the classes below as their prototypes.
import { serialize } from 'node:v8';
import { type Change, encodeKey } from './change.ts';
import {
  type Cursor,
  type CursorDirection,
  type CursorRequest,
  type DbRequest,
  type Index,
  type IndexOptions,
  type Key,
  type KeyRange,
  MemoryCursor,
  MemoryIndex,
  MemoryObjectStore,
  type ObjectStore,
} from './indexedDb.ts';

/** An object store within one transaction. A store that is deleted and created again gets a new handle. */
export interface StoreHandle {
  readonly name: string;
  readonly changes: Change[];
  deleted: boolean;
}

const stores = new WeakMap<ObjectStore, StoreHandle>();
const indexes = new WeakMap<Index, StoreHandle>();
const cursors = new WeakMap<Cursor, StoreHandle>();

export function recordStore(store: ObjectStore, handle: StoreHandle): ObjectStore {
  return record(stores, store, RecordedStore.prototype, handle);
}

export function known<K extends object, V>(map: WeakMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error('An IndexedDB object that is not recorded.');
  return value;
}

/** Marks `value` as recorded: sets its prototype, and stores `about` for it in `map`. */
export function record<K extends object, V>(map: WeakMap<K, V>, value: K, prototype: K, about: V): K {
  map.set(value, about);
  return Object.setPrototypeOf(value, prototype);
}

export function unsupported(what: string): DOMException {
  return new DOMException(`The crypto store does not support ${what}.`, 'NotSupportedError');
}

/** This listener is registered first, so changes are recorded in order and before the consumer's listeners run. */
function whenDone<T>(request: DbRequest<T>, handle: StoreHandle, change: Change): DbRequest<T> {
  request.addEventListener('success', () => {
    if (!handle.deleted) handle.changes.push(change);
  });
  return request;
}

function recordCursor(request: CursorRequest, handle: StoreHandle): CursorRequest {
  request.addEventListener('success', () => {
    if (request.result !== null) record(cursors, request.result, RecordedCursor.prototype, handle);
  });
  return request;
}

class RecordedCursor extends MemoryCursor {
  override update(value: unknown): DbRequest<Key> {
    const handle = known(cursors, this);
    const key = encodeKey(this.primaryKey);
    const stored = serialize(value);
    return whenDone(super.update(value), handle, { kind: 'put', store: handle.name, key, value: stored });
  }

  override delete(): DbRequest<undefined> {
    const handle = known(cursors, this);
    const key = encodeKey(this.primaryKey);
    return whenDone(super.delete(), handle, { kind: 'delete', store: handle.name, key });
  }
}

class RecordedIndex extends MemoryIndex {
  override get name(): string {
    return super.name;
  }

  override set name(_: string) {
    throw unsupported('the renaming of an index');
  }

  override openCursor(range?: Key | KeyRange | null, direction?: CursorDirection): CursorRequest {
    return recordCursor(super.openCursor(range, direction), known(indexes, this));
  }
}

class RecordedStore extends MemoryObjectStore {
  override get name(): string {
    return super.name;
  }

  override set name(_: string) {
    throw unsupported('the renaming of an object store');
  }

  // Key and value are serialized first, so that unsupported ones never get into memory; synchronously, like the clone
  // in IndexedDB, because the caller may modify the value afterwards.
  override put(value: unknown, key?: Key): DbRequest<Key> {
    const change = putChange(known(stores, this), value, key);
    return whenDone(super.put(value, key), known(stores, this), change);
  }

  override add(value: unknown, key?: Key): DbRequest<Key> {
    const change = putChange(known(stores, this), value, key);
    return whenDone(super.add(value, key), known(stores, this), change);
  }

  override delete(key: Key | KeyRange): DbRequest<undefined> {
    const handle = known(stores, this);
    const store = handle.name;
    const change: Change = isRange(key)
      ? { kind: 'deleteRange', store, range: key }
      : { kind: 'delete', store, key: encodeKey(key) };
    return whenDone(super.delete(key), handle, change);
  }

  override clear(): DbRequest<undefined> {
    const handle = known(stores, this);
    return whenDone(super.clear(), handle, { kind: 'clear', store: handle.name });
  }

  override openCursor(range?: Key | KeyRange | null, direction?: CursorDirection): CursorRequest {
    return recordCursor(super.openCursor(range, direction), known(stores, this));
  }

  override index(name: string): Index {
    return record(indexes, super.index(name), RecordedIndex.prototype, known(stores, this));
  }

  override createIndex(name: string, keyPath: string | readonly string[], options?: IndexOptions): Index {
    const handle = known(stores, this);
    const index = super.createIndex(name, keyPath, options);
    const { unique, multiEntry } = index;
    handle.changes.push({
      kind: 'createIndex',
      store: handle.name,
      index: { name, keyPath, unique, multiEntry },
    });
    return record(indexes, index, RecordedIndex.prototype, handle);
  }

  override deleteIndex(name: string): void {
    const handle = known(stores, this);
    super.deleteIndex(name);
    handle.changes.push({ kind: 'deleteIndex', store: handle.name, name });
  }
}

function putChange(handle: StoreHandle, value: unknown, key: Key | undefined): Change {
  return { kind: 'put', store: handle.name, key: encodeKey(key), value: serialize(value) };
}

function isRange(key: Key | KeyRange): key is KeyRange {
  return typeof key === 'object' && 'includes' in key && !Array.isArray(key);
}
