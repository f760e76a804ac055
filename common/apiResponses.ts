// The answers of the API as schemas, for its description and for tests. Apart from `api.ts`, so that the widget need
// not carry them.
import * as z from 'zod/mini';
import type {
  Access,
  AllowedAccess,
  ApiError,
  CreatedTokens,
  DeletedTokens,
  FindingCode,
  SessionResponse,
  Status,
  TokensPage,
} from './api.ts';
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

export const apiErrorSchema = z.strictObject({
  errcode: z.string().check(z.regex(/^M_/)),
  error: z.string().check(z.minLength(1)),
  code: z.enum(PROBLEM_KINDS),
  problem: problemCode,
  params,
  remedy: z.exactOptional(z.string()),
  translation: z.exactOptional(z.string()),
  current: z.exactOptional(z.nullable(registrationTokenSchema)),
  retry_after_ms: z.exactOptional(z.number()),
}) satisfies z.ZodMiniType<ApiError>;

export const sessionResponseSchema: z.ZodMiniType<SessionResponse> = z.strictObject({
  session_token: z.string(),
  user_id: z.string(),
  expires_in_ms: count,
});

export const tokensPageSchema: z.ZodMiniType<TokensPage> = z.strictObject({
  tokens: z.array(registrationTokenSchema),
  next_cursor: z.nullable(z.string()),
  total: count,
  counts: z.strictObject({ active: count, pending: count, used: count, expired: count, revoked: count }),
});

export const createdTokensSchema: z.ZodMiniType<CreatedTokens> = z.strictObject({
  created: z.array(registrationTokenSchema),
  failed: z.exactOptional(apiErrorSchema),
});

export const deletedTokensSchema: z.ZodMiniType<DeletedTokens> = z.strictObject({
  results: z.array(
    z.strictObject({
      token: z.string(),
      outcome: z.enum(['deleted', 'not_found', 'failed']),
      error: z.exactOptional(apiErrorSchema),
    }),
  ),
});

export const accessSchema: z.ZodMiniType<Access> = z.strictObject({
  server_name: z.string(),
  default: z.enum(['homeserver', 'nobody']),
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

export const allowedAccessSchema: z.ZodMiniType<AllowedAccess> = z.strictObject({
  access: accessSchema,
  added: z.array(z.string()),
  already: z.array(z.string()),
  also_added: z.nullable(z.string()),
});

export const statusSchema: z.ZodMiniType<Status> = z.strictObject({
  findings: z.array(
    z.strictObject({
      state: z.enum(['ok', 'problem', 'note']),
      code: z.string() as unknown as z.ZodMiniType<FindingCode>,
      about: z.string(),
      text: z.string(),
      detail: z.optional(z.string()),
      problem: z.exactOptional(problemCode),
      params: z.exactOptional(params),
      translation: z.exactOptional(z.string()),
    }),
  ),
});
