// What the checks of input say: each `zod` check of `common/` names its problem by the code.
import type { Entry } from './entry.ts';
import { MAX_TOKEN_LENGTH, MAX_TOKENS_AT_ONCE, MAX_USES } from './limits.ts';

const kind = 'invalid_input';

export const INPUT_PROBLEMS = {
  token_not_text: { kind, cause: 'A token is a piece of text.', remedy: '' },
  token_empty: { kind, cause: 'A token needs at least one character.', remedy: '' },
  token_too_long: { kind, cause: `A token has at most ${MAX_TOKEN_LENGTH} characters.`, remedy: '' },
  token_characters: {
    kind,
    cause: 'A token may contain only the letters A–Z and a–z, digits, and . _ ~ -',
    remedy: '',
  },
  token_dots: { kind, cause: 'A token can’t be just one or two dots.', remedy: '' },
  length_too_small: {
    kind,
    cause: 'Tokens that are made up here have at least 8 characters.',
    remedy: '',
  },
  uses_not_whole: { kind, cause: 'The number of uses must be a whole number.', remedy: '' },
  uses_too_small: {
    kind,
    cause: 'The number of uses must be at least 1. To stop a token from being used, delete it.',
    remedy: '',
  },
  uses_too_big: { kind, cause: `The number of uses must be at most ${MAX_USES}.`, remedy: '' },
  expiry_not_whole: {
    kind,
    cause: 'The expiry must be a whole number of milliseconds since 1970.',
    remedy: '',
  },
  expiry_too_early: { kind, cause: 'The expiry must not lie before 1970.', remedy: '' },
  expiry_too_late: { kind, cause: 'The expiry lies too far in the future.', remedy: '' },
  count_not_whole: { kind, cause: 'The number of tokens must be a whole number.', remedy: '' },
  count_too_small: { kind, cause: 'The number of tokens must be at least 1.', remedy: '' },
  count_too_big: {
    kind,
    cause: `At most ${MAX_TOKENS_AT_ONCE} tokens can be created at once.`,
    remedy: '',
  },
} as const satisfies Record<string, Entry>;
