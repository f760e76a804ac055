// The widget's API as both sides see it: what goes over the wire under `<public_url>/api/v1`.
// What it answers: `apiResponses.ts`. Times are epoch milliseconds unless named otherwise. Errors have the form of the Matrix specification.
import * as z from 'zod/mini';
import type { ProblemCode } from './problems/catalogue.ts';
import type { Params } from './problems/entry.ts';
import type { ProblemKind } from './problems/kinds.ts';
import { type RegistrationToken, TOKEN_STATES, tokenValueSchema } from './token.ts';

export const API_ROOT = '/api/v1';
/** As many as one page has at most. */
export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 50;
/** As many tokens as can be deleted in one request. */
export const MAX_DELETIONS = 1000;

/** The body of every error. */
export interface ApiError {
  errcode: string;
  /** One sentence that names the cause. */
  error: string;
  /** What kind of problem it is. */
  code: ProblemKind;
  /** Which problem exactly, and what its sentences are made of. */
  problem: ProblemCode;
  params: Params;
  /** One sentence that says what to do. */
  remedy?: string;
  /** Cause and remedy in the language that the request prefers (`Accept-Language`), if the bot speaks it. */
  translation?: string;
  /** With 412: how the token stands now; null: it is gone. */
  current?: RegistrationToken | null;
  /** With 429. */
  retry_after_ms?: number;
}

/** What `WidgetApi.requestOpenIDConnectToken()` gives (Matrix specification, OpenID). */
const openIdTokenSchema = z.object({
  access_token: z.string().check(z.minLength(1), z.maxLength(1024)),
  token_type: z.string().check(z.maxLength(64)),
  matrix_server_name: z.string().check(z.minLength(1), z.maxLength(255)),
  /** Seconds. */
  expires_in: z.number(),
});
export type OpenIdToken = z.infer<typeof openIdTokenSchema>;
/** POST /session */
export const sessionRequestSchema = z.strictObject({ openid_token: openIdTokenSchema });

export const TOKEN_SORTS = ['changed', 'token', 'expiry_time', 'completed'] as const;
export type TokenSort = (typeof TOKEN_SORTS)[number];

/** GET /tokens; `changed`: newest information first. `state` may name several, separated by commas. */
export const tokensQuerySchema = z.strictObject({
  state: z.optional(
    z
      .string()
      .check(z.regex(new RegExp(`^(?:${TOKEN_STATES.join('|')})(?:,(?:${TOKEN_STATES.join('|')}))*$`))),
  ),
  /** Part of a token, in any case. */
  search: z.optional(z.string().check(z.maxLength(64))),
  sort: z.optional(z.enum(TOKEN_SORTS)),
  order: z.optional(z.enum(['asc', 'desc'])),
  limit: z.optional(z.string().check(z.regex(/^[1-9]\d{0,2}$/))),
  cursor: z.optional(z.string().check(z.maxLength(512))),
});
export type TokensQuery = z.infer<typeof tokensQuerySchema>;

/**
 * PATCH /tokens/{token} takes `updateTokenSchema`, and in the header `If-Match` what the change was decided on: if the
 * token's limits are others by now, it is answered with 412 and changes nothing. The same is the token's `ETag`. How
 * often a token was used is not part of it: that changes by itself, and nobody has to decide anew for it.
 */
export function limitsTag({ uses_allowed, expiry_time }: Limits): string {
  return `"${uses_allowed ?? 'unlimited'}-${expiry_time ?? 'never'}"`;
}
type Limits = Pick<RegistrationToken, 'uses_allowed' | 'expiry_time'>;

/** POST /tokens/delete */
export const deleteTokensSchema = z.strictObject({
  tokens: z.array(tokenValueSchema).check(z.minLength(1), z.maxLength(MAX_DELETIONS)),
});
/** POST /access */
export const allowSchema = z.strictObject({
  patterns: z
    .array(z.string().check(z.minLength(1), z.maxLength(512)))
    .check(z.minLength(1), z.maxLength(50)),
});

/** POST /access/delete */
export const disallowSchema = z.strictObject({
  // As long as they are: in the chat, longer ones can be allowed.
  patterns: z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(50)),
});

/** What a finding of the status says, for those who say it in another language. Of problems: their kind. */
export type FindingCode =
  | 'homeserver_ok'
  | 'login_ok'
  | 'logout_failed'
  | 'token_api_ok'
  | 'registration_token'
  | 'registration_open'
  | 'registration_closed'
  | 'registration_unknown'
  | 'access_default'
  | 'access_nobody'
  | 'access_named'
  | 'encryption_off'
  | 'encryption_on'
  | 'identity_own'
  | 'identity_kept'
  | 'verification'
  | 'widget_ok'
  | 'widget_off'
  | ProblemKind;
