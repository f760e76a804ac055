// Why a request failed, in one shape, whoever refused: the bot, the network or the client.
import type { ApiError } from '../../../common/api.ts';

export type FailureCode =
  | NonNullable<ApiError['code']>
  /** The bot can't be reached. */
  | 'offline'
  /** The person does not want to share their identity. */
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

  /** @param body what came as the answer: the API's error, or anything a proxy wrote. */
  static fromAnswer(status: number, body: unknown): ApiFailure {
    if (isApiError(body)) return ApiFailure.fromError(body, status);
    // A proxy in front of a bot that is down answers so.
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

/** With these the widget as a whole can't go on until somebody does something. */
const ENDS: ReadonlySet<FailureCode> = new Set([
  'not_allowed',
  'session_ended',
  'identity_refused',
  'identity_declined',
  'client_silent',
]);

export function endsSession(failure: ApiFailure): boolean {
  return ENDS.has(failure.code);
}
