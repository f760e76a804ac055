// Patterns of the allow list: a user ID, or a regular expression that a whole user ID must match.
// Expressions run on RE2 (linear time), so that no pattern can stall the bot.

import { RE2JS } from 're2js';
import { problem } from '../../common/problems/problem.ts';
import { isServerName, serverNameOf } from '../../common/userId.ts';

export interface Pattern {
  readonly text: string;
  matches(userId: string): boolean;
}

const MAX_PATTERN_LENGTH = 512;
/** Localparts of the current specification. They may contain `+` and `.`, so `QUANTIFIED` detects regular expressions. */
const LITERAL_LOCALPART = /^[a-z0-9._=/+-]+$/;
const QUANTIFIED = /[.\])][+*?{]/;

/**
 * A user ID is compared literally. In a regular expression, the part after the first `:` is literal too if it is a plain
 * server name: a dot there must not match any character (`@.*:example.org` must not match `exampleXorg`).
 * @throws Problem `invalid_input` with an example
 */
export function compilePattern(text: string): Pattern {
  if (text.length === 0) throw problem('pattern_empty');
  if (text.length > MAX_PATTERN_LENGTH) {
    throw problem('pattern_too_long', { most: MAX_PATTERN_LENGTH });
  }
  if (/\s/.test(text)) throw problem('pattern_with_space', { pattern: text });
  if (isPlainUserId(text)) return { text, matches: (userId) => userId === text };
  rejectCommonMistakes(text);
  const expression = compile(text, literalServerName(text));
  return { text, matches: (userId) => expression.matches(userId) };
}

/**
 * A pattern of `access.deny`. It also matches a user ID if it matches all of it before the server name: `@_.*`, `@irc_[^:]*`.
 * @throws Problem `invalid_input` as above
 */
export function compileDenied(text: string): Pattern {
  const { matches } = compilePattern(text);
  const localpartMatches = (userId: string) =>
    userId.includes(':') && matches(userId.slice(0, userId.indexOf(':')));
  return { text, matches: (userId) => matches(userId) || localpartMatches(userId) };
}

/** Whether the text stands for exactly one user. */
export function isPlainUserId(text: string): boolean {
  const localpart = text.slice(1, text.indexOf(':'));
  return serverNameOf(text) !== undefined && LITERAL_LOCALPART.test(localpart) && !QUANTIFIED.test(localpart);
}

function rejectCommonMistakes(text: string): void {
  if (/^[A-Za-z0-9_-]+$/.test(text)) {
    throw problem('pattern_without_server', { pattern: text, localpart: text.toLowerCase() });
  }
  // Phones capitalize the first letter. Accounts with capitals predate 2018; @[A]lice matches them.
  if (/[A-Z]/.test(text) && isPlainUserId(text.toLowerCase())) {
    throw problem('pattern_in_capitals', { pattern: text, lower: text.toLowerCase() });
  }
  if (text.startsWith('@*')) {
    throw problem('pattern_repeats_at', { pattern: text, meant: text.replace('@*', '@.*') });
  }
}

function literalServerName(text: string): string {
  const colon = text.indexOf(':');
  if (colon < 0) return text;
  const server = text.slice(colon + 1);
  return isServerName(server) ? `${text.slice(0, colon)}:${RE2JS.quote(server)}` : text;
}

function compile(text: string, expression: string): RE2JS {
  try {
    return RE2JS.compile(expression);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('pattern_invalid', { pattern: text, reason });
  }
}
