// Classifies failed requests to a homeserver, in this one place: not reachable, a proxy's error page, a rate
// limit, a refused access token, or an answer of the homeserver itself.
import type { ParamsOf, ProblemCode } from '../../common/problems/catalogue.ts';
import type { Params } from '../../common/problems/entry.ts';
import type { Reason } from '../../common/problems/homeserver.ts';
import { Problem } from '../../common/problems/problem.ts';

export interface FailureFacts {
  /** HTTP status; undefined: there was no answer. */
  readonly status?: number | undefined;
  /** Matrix error code, where the answer was a Matrix error. */
  readonly errcode?: string | undefined;
  /** The homeserver's error message. */
  readonly error?: string | undefined;
  /** How long to wait, where the answer said so (ms). */
  readonly retryAfterMs?: number | undefined;
  /** The answer, if it was JSON. */
  readonly answer?: unknown;
  /** The answer was truncated JSON: it came from the homeserver and was cut off in transit. */
  readonly truncated?: boolean | undefined;
  /** The answer was larger than this (bytes), and was not read to its end. */
  readonly tooLarge?: number | undefined;
}

/** A failed request: a problem to show, with status and error code for the caller. */
export class RequestFailed<C extends ProblemCode = ProblemCode> extends Problem {
  readonly status: number | undefined;
  readonly errcode: string | undefined;
  /** The homeserver's error message, else its error code. */
  readonly words: string;
  readonly retryAfterMs: number | undefined;
  readonly answer: unknown;
  readonly truncated: boolean;

  constructor(code: C, params: ParamsOf<C>, facts: FailureFacts, options?: ErrorOptions) {
    super(code, params as Params, options);
    this.name = 'RequestFailed';
    this.words = facts.error || facts.errcode || '';
    this.status = facts.status;
    this.errcode = facts.errcode;
    this.answer = facts.answer;
    this.truncated = facts.truncated ?? false;
    this.retryAfterMs = facts.retryAfterMs === undefined ? undefined : bearable(facts.retryAfterMs);
  }

  /** The homeserver itself rejected the access token. A proxy's 401 does not count. */
  get accessTokenRefused(): boolean {
    return this.status === 401 && this.errcode !== undefined;
  }
}

/** Bounds for the retry delay that a homeserver or proxy requests (ms). */
function bearable(retryAfterMs: number): number {
  return Math.min(Math.max(retryAfterMs, 100), 3_600_000);
}

/** @param server the base URL of the request. */
export function requestFailed(server: string, facts: FailureFacts, cause?: unknown): RequestFailed {
  const options = cause === undefined ? undefined : { cause };
  const { status, errcode, error = '' } = facts;
  if (status === undefined)
    return new RequestFailed('homeserver_unreachable', { server, ...reasonOf(cause) }, facts, options);
  if (status === 429 || errcode === 'M_LIMIT_EXCEEDED')
    return new RequestFailed('homeserver_limits', { server }, facts, options);
  if (facts.tooLarge !== undefined) {
    const mib = Math.floor(facts.tooLarge / 1024 / 1024);
    return new RequestFailed('answer_too_large', { server, mib }, facts, options);
  }
  if (facts.truncated) return new RequestFailed('answer_cut', { server, status }, facts, options);
  if (errcode === undefined)
    return new RequestFailed('not_a_matrix_answer', { server, status }, facts, options);
  if (status >= 500)
    return new RequestFailed('homeserver_failed', { server, status, words: error }, facts, options);
  return new RequestFailed('homeserver_refused', { server, status, words: error || errcode }, facts, options);
}

const REASON_OF: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'nothing_listens',
  ENOTFOUND: 'name_unknown',
  EAI_AGAIN: 'name_unknown',
  ETIMEDOUT: 'too_slow',
  TimeoutError: 'too_slow',
  ECONNRESET: 'cut',
  EPIPE: 'cut',
  CERT_HAS_EXPIRED: 'certificate_expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_of_another',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_self_signed',
  EPROTO: 'no_tls',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no_tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'no_tls',
};

/** Maps Node's network error code to a cause. */
function reasonOf(cause: unknown): { reason: Reason | ''; detail: string } {
  const code = errorCode(cause);
  if (code === undefined)
    return cause instanceof Error ? { reason: '', detail: cause.message } : { reason: 'silent', detail: '' };
  const known = Object.hasOwn(REASON_OF, code) ? REASON_OF[code] : undefined;
  if (known !== undefined) return { reason: known, detail: '' };
  const isOfCertificate = code.includes('CERT') || code.includes('VERIFY');
  return { reason: isOfCertificate ? 'certificate_unverified' : '', detail: code };
}

function errorCode(cause: unknown): string | undefined {
  for (let error: unknown = cause; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') return code;
    if (error.name === 'TimeoutError') return error.name;
  }
  return undefined;
}
