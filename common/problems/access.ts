// Access: who may manage tokens.
import type { Entry } from './entry.ts';

const EXAMPLE =
  'Write a user ID such as @alice:example.org, or a regular expression such as @.*:example.org.';

interface Pattern {
  pattern: string;
}

export const ACCESS_PROBLEMS = {
  access_denied: {
    kind: 'not_allowed',
    cause: ({ userId }: { userId: string }) => `You (${userId}) may not manage registration tokens here.`,
    remedy: ({ userId }: { userId: string }) => `Ask somebody who may to send this bot: allow ${userId}`,
  },
  own_access_lost: {
    kind: 'refused',
    cause: 'With this you would lose your own access, so nothing was changed.',
    remedy: ({ userId }: { userId: string }) =>
      `Allow yourself first (allow ${userId}), or let somebody else who is allowed do it.`,
  },
  access_would_open: {
    kind: 'refused',
    status: 409,
    errcode: 'M_UNKNOWN',
    cause: ({ serverName }: { serverName: string }) =>
      `With this, every user of ${serverName} could manage registration tokens, so nothing was changed.`,
    remedy: 'If you want that, confirm it: in the API with `confirm`.',
  },
  pattern_configured: {
    kind: 'refused',
    cause: ({ pattern }: Pattern) => `${pattern} is allowed in the configuration, so nothing was changed.`,
    remedy: 'Remove it under access.allow in the configuration file and restart the bot.',
  },
  pattern_not_listed: {
    kind: 'refused',
    cause: ({ pattern }: Pattern) =>
      `${pattern} is not in the list of those allowed, so nothing was changed.`,
    remedy: 'Send `allowed` to see the list.',
  },
  pattern_covered: {
    kind: 'refused',
    cause: ({ pattern }: Pattern) =>
      `${pattern} is not in the list of those allowed, so nothing was changed.`,
    remedy: ({ by }: { by: string }) => `It has access through the pattern ${by}: disallow that one instead.`,
  },
  pattern_empty: { kind: 'invalid_input', cause: 'A pattern must not be empty.', remedy: EXAMPLE },
  pattern_too_long: {
    kind: 'invalid_input',
    cause: ({ most }: { most: number }) => `A pattern has at most ${most} characters.`,
    remedy: EXAMPLE,
  },
  pattern_with_space: {
    kind: 'invalid_input',
    cause: ({ pattern }: Pattern) => `The pattern “${pattern}” contains a space.`,
    remedy: EXAMPLE,
  },
  pattern_without_server: {
    kind: 'invalid_input',
    cause: ({ pattern }: Pattern) => `“${pattern}” matches no user ID.`,
    remedy: ({ localpart }: { localpart: string }) => `A user ID has the form @${localpart}:example.org.`,
  },
  pattern_in_capitals: {
    kind: 'invalid_input',
    cause: ({ pattern }: Pattern) => `“${pattern}” matches no user ID: they are written in lower case.`,
    remedy: ({ lower }: { lower: string }) => `Did you mean ${lower}?`,
  },
  pattern_repeats_at: {
    kind: 'invalid_input',
    cause: ({ pattern }: Pattern) => `In the pattern “${pattern}” the * repeats the @.`,
    remedy: ({ meant }: { meant: string }) => `To match any name, write .* instead: “${meant}”.`,
  },
  pattern_invalid: {
    kind: 'invalid_input',
    cause: ({ pattern, reason }: Pattern & { reason: string }) =>
      `“${pattern}” is not a valid pattern (${reason}).`,
    remedy: EXAMPLE,
  },
} as const satisfies Record<string, Entry>;
