// The changes of a transaction, in serialized form.
import type { Key, KeyRange } from './indexedDb.ts';

export interface StoredIndex {
  readonly name: string;
  readonly keyPath: string | readonly string[];
  readonly unique: boolean;
  readonly multiEntry: boolean;
}

/** `key`: JSON. `value`: serialized by node:v8. */
export type Change =
  | { readonly kind: 'createStore' | 'deleteStore' | 'clear'; readonly store: string }
  | { readonly kind: 'createIndex'; readonly store: string; readonly index: StoredIndex }
  | { readonly kind: 'deleteIndex'; readonly store: string; readonly name: string }
  | { readonly kind: 'put'; readonly store: string; readonly key: string; readonly value: Buffer }
  | { readonly kind: 'delete'; readonly store: string; readonly key: string }
  | { readonly kind: 'deleteRange'; readonly store: string; readonly range: KeyRange };

export interface StoredDatabase {
  readonly name: string;
  readonly version: number;
  readonly stores: readonly {
    readonly name: string;
    readonly indexes: readonly StoredIndex[];
    records(): Iterable<readonly [Key, unknown]>;
  }[];
}

/**
 * Encodes a key as JSON; keys that are equal in IndexedDB have equal JSON.
 * @throws DOMException DataError for keys that JSON can't represent unambiguously: dates, bytes, infinity.
 */
export function encodeKey(key: unknown): string {
  if (!isKey(key)) {
    const type = Object.prototype.toString.call(key).slice(8, -1);
    throw new DOMException(
      `The crypto store keeps strings, finite numbers and arrays of these as keys, but this one is: ${type}.`,
      'DataError',
    );
  }
  return JSON.stringify(key);
}

function isKey(key: unknown): key is Key {
  if (Array.isArray(key)) return key.every(isKey);
  return typeof key === 'string' || (typeof key === 'number' && Number.isFinite(key));
}
