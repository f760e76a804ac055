// Registration tokens.
import type { Entry } from './entry.ts';

interface Token {
  token: string;
}

export const TOKEN_PROBLEMS = {
  token_not_found: {
    kind: 'token_not_found',
    cause: ({ token }: Token) => `There is no token ${token}.`,
    remedy: 'Send `list` to see the tokens there are.',
  },
  token_exists: {
    kind: 'token_exists',
    cause: ({ token }: Token) => `The token ${token} exists already.`,
    remedy: 'Choose another name, or change that one with edit.',
  },
  token_name_taken: {
    kind: 'token_exists',
    cause: 'A token with this name exists already.',
    remedy: 'Choose another, or edit that one.',
  },
  one_token_one_name: {
    kind: 'invalid_input',
    cause: 'Only one token can have a name of your own.',
    remedy: 'Leave out either the name or count.',
  },
  nothing_to_change: {
    kind: 'invalid_input',
    cause: 'There is nothing to change.',
    remedy: 'Say what: uses=N, uses=unlimited, expires=7d or expires=never.',
  },
  expiry_past: {
    kind: 'invalid_input',
    cause: 'The expiry must lie in the future. To stop a token from being used, delete it.',
    remedy: '',
  },
  token_changed_meanwhile: {
    kind: 'conflict',
    cause: 'Somebody else has changed this token meanwhile.',
    remedy: 'Look at how it stands now, then decide again.',
  },
  token_deleted_meanwhile: {
    kind: 'conflict',
    cause: 'Somebody else has deleted this token meanwhile.',
    remedy: 'Create a new one if you still need it.',
  },
} as const satisfies Record<string, Entry>;
