// Parses messages: whether the bot is addressed, the command and its arguments. Pure.

import { distance } from 'fastest-levenshtein';
import { parseDuration } from '../../common/duration.ts';
import { problem } from '../../common/problems/problem.ts';

export interface BotNames {
  readonly userId: string;
  readonly displayName: string | undefined;
  readonly prefix: string;
}

export interface MessageFacts {
  readonly body: string;
  /** User IDs in `m.mentions`. */
  readonly mentions: readonly string[];
  /** The room has no more members than the bot and one person. */
  readonly direct: boolean;
}

/** The text without the prefix or name, and how the bot was addressed. */
export interface Addressed {
  readonly text: string;
  readonly how: 'direct' | 'prefix' | 'mention';
}

/** undefined: the message is not for the bot. */
export function addressed(message: MessageFacts, bot: BotNames): Addressed | undefined {
  const body = withoutReplyFallback(message.body).trim();
  if (bot.prefix !== '' && body.toLowerCase().startsWith(bot.prefix.toLowerCase())) {
    return { text: body.slice(bot.prefix.length).trim(), how: 'prefix' };
  }
  const unnamed = withoutName(body, bot);
  if (message.mentions.includes(bot.userId) || unnamed !== undefined)
    return { text: unnamed ?? body, how: 'mention' };
  return message.direct ? { text: body, how: 'direct' } : undefined;
}

/** Old clients quote the message that is replied to as lines that start with `> `. */
function withoutReplyFallback(body: string): string {
  return body.startsWith('> ') ? body.replace(/^(?:> .*\n)+\n?/, '') : body;
}

/** The text after a leading name of the bot; undefined if it does not start with one. */
function withoutName(body: string, { userId, displayName }: BotNames): string | undefined {
  const localpart = userId.slice(1, userId.indexOf(':'));
  const short = `@${localpart}`;
  const names = [userId, short, localpart, ...(displayName ? [displayName] : [])];
  // The longest name first: a shorter one may be its beginning.
  for (const name of names.toSorted((a, b) => b.length - a.length)) {
    if (!body.toLowerCase().startsWith(name.toLowerCase())) continue;
    const rest = body.slice(name.length);
    // `@bot:other.org` is another user.
    const ends = name === short ? /^[:,]?(?:\s|$)/ : /^(?:[:,]|\s|$)/;
    if (ends.test(rest)) return rest.replace(/^\s*[:,]?\s*/, '');
  }
  return undefined;
}

/** The first word, which names the command, and the other words. */
export function splitCommand(text: string): { word: string; args: string[] } {
  const [word = '', ...args] = text.split(/\s+/).filter((part) => part !== '');
  // Phones replace `-` by long dashes and non-breaking hyphens.
  return { word: word.toLowerCase().replace(/[‐‑‒–—]+/g, '-'), args };
}

/** The nearest of `candidates` by edit distance, if it is near enough to be a typing error. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((name) => ({ name, d: distance(word, name) })).toSorted((a, b) => a.d - b.d);
  const [best] = ranked;
  return best !== undefined && best.d <= Math.max(1, Math.floor(word.length / 3)) ? best.name : undefined;
}

/** Words, and `key=value` options; options may stand anywhere. */
export interface Arguments<Key extends string> {
  readonly words: readonly string[];
  readonly options: Partial<Record<Key, string>>;
}

/** @throws Problem `invalid_input` for an unknown option, one given twice or one without a value */
export function splitArguments<Key extends string>(
  args: readonly string[],
  keys: readonly Key[],
): Arguments<Key> {
  const words: string[] = [];
  const options: Partial<Record<Key, string>> = {};
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals < 0) {
      words.push(withoutQuotes(arg));
      continue;
    }
    const name = arg.slice(0, equals).toLowerCase();
    const key = keys.find((candidate) => candidate === name);
    const value = withoutQuotes(arg.slice(equals + 1));
    if (key === undefined) throw unknownOption(name, keys);
    if (options[key] !== undefined) throw problem('option_given_twice', { option: key });
    if (value === '') throw problem('option_without_value', { option: key });
    options[key] = value;
  }
  return { words, options };
}

function unknownOption(name: string, keys: readonly string[]): Error {
  if (keys.length === 0) return problem('option_not_here', { option: name });
  const near = nearest(name, keys);
  const known = keys.map((key) => `${key}=`).join(', ');
  return near === undefined
    ? problem('option_unknown', { option: name, known })
    : problem('option_misspelt', { option: name, near });
}

/** Tokens, separated by spaces or commas; each once. */
export function parseTokens(words: readonly string[]): string[] {
  return [
    ...new Set(
      words
        .flatMap((word) => word.split(','))
        .map(withoutQuotes)
        .filter((word) => word !== ''),
    ),
  ];
}

const OPENING_QUOTES = new Set('"\'`“”‘’„');
const CLOSING_QUOTES = new Set('"\'`“”‘’');

/** Not a regular expression: one that ends with `+$` takes quadratic time for many quotes inside of a word. */
function withoutQuotes(word: string): string {
  let start = 0;
  let end = word.length;
  while (start < end && OPENING_QUOTES.has(word.charAt(start))) start++;
  while (end > start && CLOSING_QUOTES.has(word.charAt(end - 1))) end--;
  return word.slice(start, end);
}

/** `uses=…`: a whole number, or null for no limit. @throws Problem `invalid_input` */
export function parseUses(text: string): number | null {
  if (/^(?:unlimited|infinite|inf|∞|none)$/i.test(text)) return null;
  if (!/^\d{1,10}$/.test(text)) {
    throw problem('uses_unreadable', { text });
  }
  return Number(text);
}

/** `expires=…` as epoch ms; null: never. A date without a time means the end of that date. @throws Problem `invalid_input` */
export function parseExpiry(text: string, now: number): number | null {
  if (/^never$/i.test(text)) return null;
  const duration = parseDuration(text);
  if (duration !== undefined) return now + duration;
  const time = parseDate(text);
  if (time !== undefined) return time;
  throw problem('expiry_unreadable', { text });
}

function parseDate(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(text);
  if (match === null) return undefined;
  const [, day = '', time = '23:59:59', zone = 'Z'] = match;
  // Date turns 31 February into 3 March.
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return undefined;
  const epochMs = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/** A whole number from 1. @throws Problem `invalid_input` */
export function parseCount(text: string, what: 'page' | 'count'): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw problem('number_unreadable', { what, text });
}
