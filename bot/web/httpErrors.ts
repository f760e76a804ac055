// What goes wrong, as HTTP answers in the form of the Matrix specification.
import type { ApiError } from '../../common/api.ts';
import { Problem, type ProblemCode } from '../../common/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { storeProblem } from '../store/fault.ts';
import { EditConflict } from '../tokens/problems.ts';

export class HttpError extends Error {
  readonly status: number;
  readonly body: ApiError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: ApiError,
    headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(body.error, options);
    this.name = 'HttpError';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/**
 * A token that is taken is no conflict between two states of the same thing: Synapse answers 400 as well. What stands
 * in the way at the homeserver is 502, so that no client takes it for a fault of its own request.
 */
const ANSWERS: Record<ProblemCode, readonly [status: number, errcode: string]> = {
  invalid_input: [400, 'M_INVALID_PARAM'],
  token_exists: [400, 'M_INVALID_PARAM'],
  token_not_found: [404, 'M_NOT_FOUND'],
  not_allowed: [403, 'M_FORBIDDEN'],
  refused: [403, 'M_FORBIDDEN'],
  rate_limited: [429, 'M_LIMIT_EXCEEDED'],
  homeserver_unreachable: [502, 'M_UNKNOWN'],
  homeserver_error: [502, 'M_UNKNOWN'],
  admin_credential_refused: [502, 'M_UNKNOWN'],
  admin_rights_missing: [502, 'M_UNKNOWN'],
  token_api_missing: [502, 'M_UNKNOWN'],
  mas_in_charge: [502, 'M_UNKNOWN'],
  backend_unsupported: [502, 'M_UNKNOWN'],
  bot_credential_refused: [502, 'M_UNKNOWN'],
  encryption_keys_unusable: [503, 'M_UNKNOWN'],
  identity_foreign: [503, 'M_UNKNOWN'],
  recovery_key_refused: [503, 'M_UNKNOWN'],
  data_dir_in_use: [503, 'M_UNKNOWN'],
  data_dir_unusable: [503, 'M_UNKNOWN'],
  port_unusable: [503, 'M_UNKNOWN'],
  internal: [500, 'M_UNKNOWN'],
};

/** Any error as an answer. `requestId` is where an admin finds more about it in the log. */
export function toHttpError(error: unknown, requestId: string): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof EditConflict) {
    const { message, remedy, current } = error;
    const body: ApiError = { errcode: 'M_UNKNOWN', error: message, code: 'conflict', remedy, current };
    return new HttpError(412, body, {}, { cause: error });
  }
  const problem = error instanceof Problem ? error : storeProblem(error);
  if (problem !== undefined) return problemAnswer(problem);
  return ofTheRequest(error) ?? internalError(error, requestId);
}

/** A problem as the body of an answer, or as a part of one. */
export function apiErrorOf(problem: Problem): ApiError {
  const { code, message: error, remedy } = problem;
  const body: ApiError = { errcode: ANSWERS[code][1], error, code };
  if (remedy !== '') body.remedy = remedy;
  const retryAfterMs = problem instanceof RequestFailed ? problem.retryAfterMs : undefined;
  if (code === 'rate_limited' && retryAfterMs !== undefined) body.retry_after_ms = retryAfterMs;
  return body;
}

function problemAnswer(problem: Problem): HttpError {
  // What the homeserver refused is not refused to this person: it comes from behind the bot.
  const status =
    problem instanceof RequestFailed && problem.code === 'refused' ? 502 : ANSWERS[problem.code][0];
  const body = apiErrorOf(problem);
  const headers = body.retry_after_ms === undefined ? {} : retryAfter(body.retry_after_ms);
  return new HttpError(status, body, headers, { cause: problem });
}

/** What express and its body parser find wrong with a request itself. */
function ofTheRequest(error: unknown): HttpError | undefined {
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') {
    return new HttpError(413, { errcode: 'M_TOO_LARGE', error: 'The request is too large.' });
  }
  if (type === 'entity.parse.failed') return notJson();
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined;
  // A broken percent-encoding, an unknown character set, a compressed body.
  return new HttpError(status, {
    errcode: 'M_INVALID_PARAM',
    error: 'The request can’t be read.',
    code: 'invalid_input',
  });
}

export function notJson(): HttpError {
  const error = 'The body must be JSON, with the header Content-Type: application/json.';
  return new HttpError(400, { errcode: 'M_NOT_JSON', error, code: 'invalid_input' });
}

export function missingSession(): HttpError {
  const error = 'The request has no session token.';
  const body: ApiError = { errcode: 'M_MISSING_TOKEN', error, code: 'session_ended' };
  return new HttpError(401, body, { 'www-authenticate': 'Bearer' });
}

export function sessionEnded(): HttpError {
  const body: ApiError = {
    errcode: 'M_UNKNOWN_TOKEN',
    error: 'The session has ended.',
    code: 'session_ended',
    remedy: 'Sign in again with a new OpenID token.',
  };
  return new HttpError(401, body, { 'www-authenticate': 'Bearer' });
}

export function identityRefused(error: string, remedy: string): HttpError {
  const body: ApiError = { errcode: 'M_UNAUTHORIZED', error, code: 'identity_refused', remedy };
  return new HttpError(401, body, { 'www-authenticate': 'Bearer' });
}

export function tooManyRequests(retryAfterMs: number): HttpError {
  const body: ApiError = {
    errcode: 'M_LIMIT_EXCEEDED',
    error: 'Too many requests.',
    code: 'rate_limited',
    remedy: 'Wait a moment.',
    retry_after_ms: retryAfterMs,
  };
  return new HttpError(429, body, retryAfter(retryAfterMs));
}

export function unknownRoute(): HttpError {
  return new HttpError(404, { errcode: 'M_UNRECOGNIZED', error: 'There is nothing at this address.' });
}

export function wrongMethod(allowed: readonly string[]): HttpError {
  const error = `This address knows only ${allowed.join(', ')}.`;
  return new HttpError(405, { errcode: 'M_UNRECOGNIZED', error }, { allow: allowed.join(', ') });
}

function internalError(cause: unknown, requestId: string): HttpError {
  const body: ApiError = {
    errcode: 'M_UNKNOWN',
    error: 'Something went wrong inside the bot.',
    code: 'internal',
    remedy: `Its log says more, under the request ID ${requestId}.`,
  };
  return new HttpError(500, body, {}, { cause });
}

function retryAfter(ms: number): Record<string, string> {
  return { 'retry-after': String(Math.ceil(ms / 1000)) };
}
