// Turns errors into HTTP answers in the form of the Matrix specification.
import type { ApiError } from '../../common/api.ts';
import { Problem, problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { storeProblem } from '../store/fault.ts';
import { EditConflict } from '../tokens/editConflict.ts';
import type { Translate } from './language.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly body: ApiError;
  readonly headers: Readonly<Record<string, string>>;
}

/** Any error as a problem. @param requestId to find the error in the log */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof Problem) return error;
  return (
    storeProblem(error) ??
    ofTheRequest(error) ??
    problem('fault_of_the_bot', { name: 'request ID', id: requestId }, { cause: error })
  );
}

export function httpAnswer(failure: Problem, translate?: Translate): HttpAnswer {
  // The status that Express chose, such as 415, is more exact.
  const status = failure.code === 'request_unreadable' ? Number(failure.params.status) : failure.http.status;
  const body = apiErrorOf(failure, translate);
  const headers: Record<string, string> = {};
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (body.retry_after_ms !== undefined)
    headers['retry-after'] = String(Math.ceil(body.retry_after_ms / 1000));
  if (failure.code === 'wrong_method') headers.allow = String(failure.params.allowed);
  return { status, body, headers };
}

/** A problem as the body of an answer, or as a part of one. */
export function apiErrorOf(failure: Problem, translate?: Translate): ApiError {
  const { kind: code, code: own, params, message: error, remedy } = failure;
  const body: ApiError = { errcode: failure.http.errcode, error, code, problem: own, params };
  if (remedy !== '') body.remedy = remedy;
  const translation = translate?.(failure);
  if (translation !== undefined) body.translation = translation;
  if (failure instanceof EditConflict) body.current = failure.current;
  const retryAfterMs = failure instanceof RequestFailed ? failure.retryAfterMs : params.retryAfterMs;
  if (code === 'rate_limited' && typeof retryAfterMs === 'number') body.retry_after_ms = retryAfterMs;
  return body;
}

/** Errors of Express and its body parser about the request. */
function ofTheRequest(error: unknown): Problem | undefined {
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') return problem('request_too_large');
  if (type === 'entity.parse.failed') return problem('not_json');
  // A broken percent-encoding, an unknown character set, a compressed body.
  const isOfTheRequest = typeof status === 'number' && status >= 400 && status < 500;
  return isOfTheRequest ? problem('request_unreadable', { status }) : undefined;
}
