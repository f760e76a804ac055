// The kinds of values that keys can have, and how their text is read. YAML and the environment both come here as the
// text that was written, so that `5` and "5" mean the same in either.

import { isIP, isIPv4, isIPv6 } from 'node:net';
import { parseDuration } from '../../common/duration.ts';
import { Problem, problem } from '../../common/problems/problem.ts';
import { usesAllowedSchema } from '../../common/token.ts';
import { isServerName } from '../../common/userId.ts';
import { compilePattern } from '../access/patterns.ts';
import { parseRecoveryKey } from '../lib/recoveryKey.ts';
import { originText, parseHttpUrl, parseNetwork } from './addresses.ts';
import { HINTS } from './messages.ts';

interface Refusal {
  /** Which of the texts; 0 where there is only one. */
  readonly index: number;
  /** What is wrong with it, beyond "not what is wanted"; a full sentence. */
  readonly hint: string | undefined;
}

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

export interface Kind<T> {
  /** What is wanted, in words. */
  readonly wanted: string;
  /** Takes any number of texts; otherwise exactly one. */
  readonly list: boolean;
  read(texts: readonly string[]): Reading<T>;
}

/** What reads one text returns instead of a value. */
class Refused {
  readonly hint: string | undefined;
  constructor(hint?: string) {
    this.hint = hint;
  }
}

function one<T>(wanted: string, readText: (text: string) => T | Refused): Kind<T> {
  return {
    wanted,
    list: false,
    read([text = '']) {
      const value = readText(text);
      return value instanceof Refused
        ? { ok: false, refusals: [{ index: 0, hint: value.hint }] }
        : { ok: true, value };
    },
  };
}

function many<T>(wanted: string, readText: (text: string) => T | Refused): Kind<T[]> {
  return {
    wanted,
    list: true,
    read(texts) {
      const values: T[] = [];
      const refusals: Refusal[] = [];
      for (const [index, text] of texts.entries()) {
        const value = readText(text.trim());
        if (value instanceof Refused) refusals.push({ index, hint: value.hint });
        else values.push(value);
      }
      return refusals.length > 0 ? { ok: false, refusals } : { ok: true, value: values };
    },
  };
}

/** Text that goes into a message, a path or a login as it is. */
export function text(wanted: string): Kind<string> {
  return one(wanted, (given) => given);
}

/** Text on one line, with the white space that was written. */
export function line(wanted: string): Kind<string> {
  return one(wanted, (given) => (/[\r\n]/.test(given) ? new Refused(HINTS.one_line) : given));
}

/** An access token: it becomes a part of an HTTP header, where white space and control characters can't be. */
export function accessToken(wanted: string): Kind<string> {
  return one(wanted, (given) => {
    const trimmed = given.trim();
    return /^[\x21-\x7e]+$/.test(trimmed) ? trimmed : new Refused(HINTS.token_characters);
  });
}

/** A recovery key as clients show it; the bot makes one with `npm start -- --recovery-key`. */
export function recoveryKey(): Kind<string> {
  return one('a recovery key, 48 characters in groups of four', (given) =>
    parseRecoveryKey(given) === undefined ? new Refused(HINTS.recovery_key) : given.trim(),
  );
}

/** One of some words, in upper or lower case; `also` maps other words to them. */
export function choice<const W extends string>(
  words: readonly W[],
  also: Readonly<Record<string, NoInfer<W>>> = {},
): Kind<W> {
  return one(orList(words), (given) => {
    const word = given.trim().toLowerCase();
    return (
      words.find((known) => known === word) ??
      (Object.hasOwn(also, word) ? also[word] : undefined) ??
      new Refused()
    );
  });
}

const YES = new Set(['true', 'yes', 'on', '1']);
const NO = new Set(['false', 'no', 'off', '0']);

export function flag(): Kind<boolean> {
  return one('true or false', (given) => {
    const word = given.trim().toLowerCase();
    return YES.has(word) ? true : NO.has(word) ? false : new Refused();
  });
}

/** An http or https address, possibly with a path, returned without a trailing slash. */
export function httpUrl(wanted: string): Kind<string> {
  return one(wanted, (given) => {
    const parsed = parseHttpUrl(given.trim());
    return parsed.ok ? parsed.url : new Refused(parsed.hint);
  });
}

export function wholeNumber(least: number, most: number): Kind<number> {
  return one(`a whole number from ${least} to ${most}`, (given) => {
    const number = digits(given);
    return number !== undefined && number >= least && number <= most ? number : new Refused();
  });
}

/** Uses of a token; `unlimited` gives null. */
export function uses(): Kind<number | null> {
  return one('a whole number of at least 1, or: unlimited', (given) => {
    if (given.trim().toLowerCase() === 'unlimited') return null;
    const number = digits(given);
    if (number === undefined) return new Refused();
    const checked = usesAllowedSchema.safeParse(number);
    if (checked.success) return checked.data;
    // The schema's message about 0 speaks of a token that exists; here there is none yet.
    return new Refused(number === 0 ? HINTS.zero_uses : problem('uses_too_big').message);
  });
}

export interface DurationLimits {
  /** Milliseconds. */
  readonly least: number;
  readonly most: number;
  /** The limits in words. */
  readonly words: string;
}

/** Milliseconds of a duration such as `90s`, `5m` or `1d12h`. */
export function duration(limits: DurationLimits): Kind<number> {
  return one(durationWords(limits), (given) => readDuration(given, limits));
}

/** The same; `never` gives null. */
export function durationOrNever(limits: DurationLimits): Kind<number | null> {
  return one(`${durationWords(limits)}, or: never`, (given) =>
    given.trim().toLowerCase() === 'never' ? null : readDuration(given, limits),
  );
}

/** A localpart or a full user ID. Old accounts may have characters that new ones can't: any visible ASCII will do. */
export function userName(): Kind<string> {
  return one(
    'a localpart such as registration-bot, or a user ID such as @registration-bot:example.org',
    (given) => {
      const name = given.trim();
      if (name.length > 255) return new Refused(HINTS.user_id_length);
      const full = /^@([^:]*):(.*)$/.exec(name);
      const [localpart, server] = full ? [full[1] ?? '', full[2]] : [name, undefined];
      if (!full && name.startsWith('@')) return new Refused(HINTS.user_id_server);
      if (!full && name.includes(':')) return new Refused(HINTS.user_id_at);
      if (server !== undefined && !isServerName(server)) return new Refused(HINTS.server_name);
      return /^[\x21-\x39\x3b-\x7e]+$/.test(localpart) ? name : new Refused(HINTS.localpart);
    },
  );
}

/** Where to listen. The host is returned without the brackets of an IPv6 address. */
export function listenAddress(defaultHost: string): Kind<{ host: string; port: number }> {
  return one('HOST:PORT, [IPv6]:PORT or PORT, with a port from 0 to 65535', (given) => {
    const parts = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(given.trim());
    if (!parts) return new Refused(isIP(given.trim()) ? HINTS.port_missing : undefined);
    const [, v6, name, digitsOfPort] = parts;
    const port = Number(digitsOfPort);
    if (port > 65_535) return new Refused(HINTS.port_too_big);
    if (v6 !== undefined && !isIPv6(v6)) return new Refused(HINTS.no_ipv6);
    if (name !== undefined && !isHost(name)) return new Refused(HINTS.no_host);
    return { host: v6 ?? name ?? defaultHost, port };
  });
}

/** Sources of the CSP directive `frame-ancestors`; at least one. */
export function frameAncestors(): Kind<string[]> {
  const kind = many("a list of origins such as https://app.element.io, or 'self', or *", (given) => {
    if (given === '*' || given === "'self'") return given;
    if (given === 'self') return "'self'";
    return originText(given) ?? new Refused(HINTS.origin);
  });
  return {
    ...kind,
    read: (texts) =>
      texts.length > 0
        ? kind.read(texts)
        : {
            ok: false,
            refusals: [
              {
                index: 0,
                hint: HINTS.no_ancestors,
              },
            ],
          },
  };
}

/** IP addresses and networks. */
export function networks(): Kind<string[]> {
  return many('a list of addresses and networks such as 127.0.0.1 or 172.18.0.0/16', (given) => {
    const parsed = parseNetwork(given);
    return parsed.ok ? parsed.network : new Refused(parsed.hint);
  });
}

/** User IDs and patterns of them. */
export function userPatterns(): Kind<string[]> {
  return many('a list of user IDs such as @admin:example.org, or of patterns', (given) => {
    try {
      return compilePattern(given).text;
    } catch (error) {
      if (error instanceof Problem) return new Refused(error.sentence);
      throw error;
    }
  });
}

function durationWords({ words }: DurationLimits): string {
  return `a duration such as 90s, 5m, 12h, 7d or 1d12h, ${words}`;
}

function readDuration(given: string, { least, most }: DurationLimits): number | Refused {
  const ms = parseDuration(given);
  if (ms === undefined) {
    return new Refused(digits(given) === undefined ? undefined : HINTS.unit_missing);
  }
  return ms < least ? new Refused(HINTS.too_short) : ms > most ? new Refused(HINTS.too_long) : ms;
}

/** A non-negative whole number in plain digits. */
function digits(given: string): number | undefined {
  const number = /^\d+$/.test(given.trim()) ? Number(given) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}

function isHost(name: string): boolean {
  // Only digits and dots is meant to be an address, never a name.
  return /^[\d.]+$/.test(name) ? isIPv4(name) : /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name);
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
