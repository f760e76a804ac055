// Helpers for untrusted JSON.
import { isDeepStrictEqual } from 'node:util';

export type Json = Readonly<Record<string, unknown>>;

/** The value if it is an object, else an empty object. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/**
 * Replaces lone surrogates with U+FFFD, in keys and values at any depth. Synapse answers 500 to a lone surrogate, and
 * `OlmMachine` can't parse it.
 */
export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key.toWellFormed(), wellFormed(part)]),
  );
}

/** Deep equality; the order of keys is ignored. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}
