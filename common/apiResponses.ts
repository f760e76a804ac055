// The answers of the API, for its description and for types. Apart from `api.ts`: the widget imports the types alone, and
// carries no schema of an answer.
import * as z from 'zod/mini';
import type { ApiError, FindingCode } from './api.ts';
import { CATALOGUE, type ProblemCode } from './problems/catalogue.ts';
import type { Params } from './problems/entry.ts';
import { PROBLEM_KINDS } from './problems/kinds.ts';
import { type RegistrationToken, TOKEN_STATES } from './token.ts';

const count = z.int().check(z.minimum(0));
const time = z.int();
const problemCode = z.enum(Object.keys(CATALOGUE) as ProblemCode[]);
const params = z.record(z.string(), z.unknown()) as unknown as z.ZodMiniType<Params>;

export const registrationTokenSchema: z.ZodMiniType<RegistrationToken> = z.strictObject({
  id: z.string(),
  token: z.string(),
  uses_allowed: z.nullable(count),
  completed: count,
  pending: z.nullable(count),
  expiry_time: z.nullable(time),
  state: z.enum(TOKEN_STATES),
});

export const apiErrorSchema: z.ZodMiniType<ApiError> = z.strictObject({
  errcode: z.string().check(z.regex(/^M_/)),
  error: z.string().check(z.minLength(1)),
  code: z.enum(PROBLEM_KINDS),
  problem: problemCode,
  params,
  remedy: z.exactOptional(z.string()),
  translation: z.exactOptional(z.string()),
  current: z.exactOptional(z.nullable(registrationTokenSchema)),
  retry_after_ms: z.exactOptional(z.number()),
});

/** POST /session */
export const sessionResponseSchema = z.strictObject({
  session_token: z.string(),
  user_id: z.string(),
  /** Idle time after which the session ends. */
  expires_in_ms: count,
});
export type SessionResponse = z.infer<typeof sessionResponseSchema>;

/** GET /tokens */
export const tokensPageSchema = z.strictObject({
  tokens: z.array(registrationTokenSchema),
  /** null: this was the last page. */
  next_cursor: z.nullable(z.string()),
  /** How many match state and search. */
  total: count,
  /** Of all tokens, whatever the filter. */
  counts: z.strictObject({ active: count, pending: count, used: count, expired: count, revoked: count }),
});
export type TokensPage = z.infer<typeof tokensPageSchema>;

/** POST /tokens, which takes `createTokensSchema`. */
export const createdTokensSchema = z.strictObject({
  created: z.array(registrationTokenSchema),
  /** Why the rest was not created. */
  failed: z.exactOptional(apiErrorSchema),
});
export type CreatedTokens = z.infer<typeof createdTokensSchema>;

/** POST /tokens/delete */
export const deletedTokensSchema = z.strictObject({
  results: z.array(
    z.strictObject({
      token: z.string(),
      outcome: z.enum(['deleted', 'not_found', 'failed']),
      error: z.exactOptional(apiErrorSchema),
    }),
  ),
});
export type DeletedTokens = z.infer<typeof deletedTokensSchema>;

/** GET /access, and the answer to every change of it. */
export const accessSchema = z.strictObject({
  server_name: z.string(),
  /** Who may while nobody is allowed by name. */
  default: z.enum(['homeserver', 'nobody']),
  /** Nobody is allowed by name: the default is in force. */
  by_default: z.boolean(),
  patterns: z.array(
    z.strictObject({
      pattern: z.string(),
      source: z.enum(['config', 'command']),
      added_by: z.exactOptional(z.string()),
      added_at: z.exactOptional(time),
    }),
  ),
});
export type Access = z.infer<typeof accessSchema>;

/** POST /access */
export const allowedAccessSchema = z.strictObject({
  access: accessSchema,
  added: z.array(z.string()),
  already: z.array(z.string()),
  /** The person themselves, allowed along with the first so that they keep their access. */
  also_added: z.nullable(z.string()),
});
export type AllowedAccess = z.infer<typeof allowedAccessSchema>;

/** GET /status; `about` and `text` are English; `detail`, which follows `text`, is not made of words. */
export const statusSchema = z.strictObject({
  findings: z.array(
    z.strictObject({
      state: z.enum(['ok', 'problem', 'note']),
      code: z.string() as unknown as z.ZodMiniType<FindingCode>,
      about: z.string(),
      text: z.string(),
      detail: z.optional(z.string()),
      /** Of a problem: which, what its sentences are made of, and these in the language that the request prefers. */
      problem: z.exactOptional(problemCode),
      params: z.exactOptional(params),
      translation: z.exactOptional(z.string()),
    }),
  ),
});
export type Status = z.infer<typeof statusSchema>;

/**
 * GET /events (server-sent events, each with an `id` to go on from with `Last-Event-ID`; a comment every 15 s).
 * `reset`: read everything again. It is also the first event of every stream that does not go on from another one: what
 * is read after it, together with the events after it, misses nothing. A stream ends when its session or the person's
 * access does; the next request says which.
 */
export type LiveEvent =
  | { event: 'tokens'; data: { changed: RegistrationToken[]; removed: string[] } }
  | { event: 'access'; data: Access }
  | { event: 'reset'; data: Record<string, never> };
