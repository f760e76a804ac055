// Registration tokens, shared by bot and widget: types, input schemas and states.
// Field names and units are those of Synapse's admin API and MSC3231:
// https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html
import * as z from 'zod/mini';
import type { INPUT_PROBLEMS } from './problems/input.ts';
import { MAX_TOKEN_LENGTH, MAX_TOKENS_AT_ONCE, MAX_USES } from './problems/limits.ts';

export { MAX_TOKEN_LENGTH, MAX_TOKENS_AT_ONCE };

/** The message of a failed check is a problem code; `readInput` turns it into the problem. */
type InputProblem = keyof typeof INPUT_PROBLEMS;
const code = (value: InputProblem): InputProblem => value;
/** The latest time of a JavaScript `Date`, epoch milliseconds. */
const MAX_EXPIRY_TIME = 8.64e15;

export const TOKEN_STATES = ['active', 'pending', 'used', 'expired', 'revoked'] as const;
export type TokenState = (typeof TOKEN_STATES)[number];

/** A token's value. MSC3231: 1 to 64 characters of `[A-Za-z0-9._~-]`. */
export const tokenValueSchema = z.string(code('token_not_text')).check(
  z.minLength(1, code('token_empty')),
  z.maxLength(MAX_TOKEN_LENGTH, code('token_too_long')),
  z.regex(/^[A-Za-z0-9._~-]*$/, code('token_characters')),
  // URL parsers resolve these as path segments, so no request could address such a token.
  z.refine((token) => token !== '.' && token !== '..', code('token_dots')),
);

/**
 * How many registrations a token allows; null: any number. 0 is refused, because Synapse lets people register
 * with such a token without any limit, although it lists it as invalid.
 */
export const usesAllowedSchema = z.nullable(
  z
    .int(code('uses_not_whole'))
    .check(z.minimum(1, code('uses_too_small')), z.maximum(MAX_USES, code('uses_too_big'))),
);

/** Epoch milliseconds; null: never. `expiryProblem` checks that it is in the future. */
const expiryTimeSchema = z.nullable(
  z
    .int(code('expiry_not_whole'))
    .check(z.minimum(0, code('expiry_too_early')), z.maximum(MAX_EXPIRY_TIME, code('expiry_too_late'))),
);

/** A token as the backend reports it; `pending` is null if the homeserver does not report it. */
export interface TokenFacts {
  token: string;
  uses_allowed: number | null;
  completed: number;
  pending: number | null;
  /** Epoch milliseconds; null: never expires. */
  expiry_time: number | null;
  revoked?: boolean;
}

export interface RegistrationToken {
  /** The backend's ID of the token; with Synapse, the token itself. */
  id: string;
  token: string;
  uses_allowed: number | null;
  completed: number;
  pending: number | null;
  expiry_time: number | null;
  state: TokenState;
}

/** The state of a token at `now` (epoch ms). A token that is both used up and past its expiry counts as used. */
export function tokenState(facts: TokenFacts, now: number): TokenState {
  if (facts.revoked) return 'revoked';
  const limit = facts.uses_allowed;
  if (limit !== null && facts.completed >= limit) return 'used';
  if (facts.expiry_time !== null && facts.expiry_time <= now) return 'expired';
  if (limit !== null && facts.completed + (facts.pending ?? 0) >= limit) return 'pending';
  return 'active';
}

/** Uses left, minus those taken by registrations in progress; null: unlimited. */
export function usesLeft(token: Pick<TokenFacts, 'uses_allowed' | 'completed' | 'pending'>): number | null {
  if (token.uses_allowed === null) return null;
  return Math.max(0, token.uses_allowed - token.completed - (token.pending ?? 0));
}

/** Why `expiryTime` (epoch ms) can't be set at `now`, or undefined. Synapse refuses a past expiry as well. */
export function expiryProblem(expiryTime: number | null | undefined, now: number): 'expiry_past' | undefined {
  if (expiryTime === null || expiryTime === undefined || expiryTime > now) return undefined;
  return 'expiry_past';
}

/** How many tokens one request creates. */
export const tokenCountSchema = z
  .int(code('count_not_whole'))
  .check(z.minimum(1, code('count_too_small')), z.maximum(MAX_TOKENS_AT_ONCE, code('count_too_big')));

export const createTokensSchema = z.strictObject({
  token: z.optional(tokenValueSchema),
  length: z.optional(z.int().check(z.minimum(8, code('length_too_small')), z.maximum(MAX_TOKEN_LENGTH))),
  uses_allowed: z.optional(usesAllowedSchema),
  expiry_time: z.optional(expiryTimeSchema),
  count: z.optional(tokenCountSchema),
});
/** Absent: the configured default; null: no limit, no expiry. */
export type CreateTokens = z.infer<typeof createTokensSchema>;

export const updateTokenSchema = z.strictObject({
  uses_allowed: z.optional(usesAllowedSchema),
  expiry_time: z.optional(expiryTimeSchema),
});
/** Absent: keep; null: none. */
export type UpdateToken = z.infer<typeof updateTokenSchema>;
