// The requests of the widget's API, under `<public_url>/api/v1`; its responses are in `apiResponses.ts`. Times are epoch
// milliseconds unless stated otherwise. Errors have the form of the Matrix specification.
import * as z from 'zod/mini';
import { MAX_DELETIONS, TOKEN_SORTS } from './apiLimits.ts';
import type { ProblemCode } from './problems/catalogue.ts';
import type { Params } from './problems/entry.ts';
import type { ProblemKind } from './problems/kinds.ts';
import { type RegistrationToken, TOKEN_STATES, tokenValueSchema } from './token.ts';

export const API_ROOT = '/api/v1';
export const DEFAULT_PAGE_SIZE = 50;

/** The body of every error. */
export interface ApiError {
  errcode: string;
  /** One sentence that names the cause. */
  error: string;
  /** The kind of problem. */
  code: ProblemKind;
  /** The exact problem, and the parameters of its sentences. */
  problem: ProblemCode;
  params: Params;
  /** One sentence that says what to do. */
  remedy?: string;
  /** Cause and remedy in the language that the request prefers (`Accept-Language`), if the bot speaks it. */
  translation?: string;
  /** With 412: the token as it is now; null: it was deleted. */
  current?: RegistrationToken | null;
  /** With 429. */
  retry_after_ms?: number;
}

/** The answer of `WidgetApi.requestOpenIDConnectToken()` (Matrix specification, OpenID). */
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

/** GET /tokens; `changed`: latest change first. `state` may list several, separated by commas. */
export const tokensQuerySchema = z.strictObject({
  state: z.optional(
    z
      .string()
      .check(z.regex(new RegExp(`^(?:${TOKEN_STATES.join('|')})(?:,(?:${TOKEN_STATES.join('|')}))*$`))),
  ),
  /** Part of a token; ignores case. */
  search: z.optional(z.string().check(z.maxLength(64))),
  sort: z.optional(z.enum(TOKEN_SORTS)),
  order: z.optional(z.enum(['asc', 'desc'])),
  limit: z.optional(z.string().check(z.regex(/^[1-9]\d{0,2}$/))),
  cursor: z.optional(z.string().check(z.maxLength(512))),
});
export type TokensQuery = z.infer<typeof tokensQuerySchema>;

/**
 * The token's `ETag`. PATCH /tokens/{token} takes `updateTokenSchema`, with the tag in the header `If-Match`: if the
 * token's limits have changed since, the answer is 412 and nothing is changed. The number of uses is not part of the
 * tag: a registration must not make an edit fail.
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
  // No maximum length: patterns allowed in the chat can be longer.
  patterns: z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(50)),
  /** Do it even if every person of the homeserver has access then; otherwise that is a 409. */
  confirm: z.optional(z.boolean()),
});

/** DELETE /access/{pattern} */
export const disallowQuerySchema = z.strictObject({ confirm: z.optional(z.enum(['true', 'false'])) });

/** Identifies a finding's text, for translation. For problems: their kind. */
export type FindingCode =
  | 'homeserver_ok'
  | 'login_ok'
  | 'logout_failed'
  | 'token_api_ok'
  | 'rate_limit_off'
  | 'rate_limit_on'
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
  | 'trust_any'
  | 'trust_signed'
  | 'widget_ok'
  | 'widget_off'
  | 'proxy_untrusted'
  | ProblemKind;
