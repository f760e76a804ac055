// One error type for failed requests, whether the bot, the network or the client refused.
import type { ApiError } from '../../../common/api.ts';

export type FailureCode =
  | NonNullable<ApiError['code']>
  /** The bot can't be reached. */
  | 'offline'
  /** The user refused to share their identity. */
  | 'identity_declined'
  /** The client does not answer. */
  | 'client_silent'
  | 'unknown';

export class ApiFailure extends Error {
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;
  readonly code: FailureCode;
  readonly body: ApiError | undefined;

  constructor(status: number, code: FailureCode, message: string, body?: ApiError) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.code = code;
    this.body = body;
  }

  /** @param body of the answer: the API's error, or anything from a proxy */
  static fromAnswer(status: number, body: unknown): ApiFailure {
    if (isApiError(body)) return ApiFailure.fromError(body, status);
    // A proxy answers like this while the bot is down.
    if (status >= 502 && status <= 504) return new ApiFailure(status, 'offline', `HTTP ${status}`);
    return new ApiFailure(status, status === 401 ? 'session_ended' : 'unknown', `HTTP ${status}`);
  }

  static fromError(error: ApiError, status = 200): ApiFailure {
    const code = error.code ?? (status === 401 ? 'session_ended' : status === 412 ? 'conflict' : 'unknown');
    return new ApiFailure(status, code, error.error, error);
  }
}

function isApiError(body: unknown): body is ApiError {
  return typeof body === 'object' && body !== null && 'errcode' in body && 'error' in body;
}

export function asFailure(error: unknown): ApiFailure {
  return error instanceof ApiFailure ? error : new ApiFailure(0, 'offline', String(error));
}
