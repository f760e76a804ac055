// JSON that others wrote: nothing about its shape is known.
import { isDeepStrictEqual } from 'node:util';

export type Json = Readonly<Record<string, unknown>>;

/** An empty object in place of anything that is none. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The order of keys says nothing. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}
