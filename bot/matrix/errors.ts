// What a failed request to a homeserver means. Everything that can go wrong on the way is told apart here, once:
// not reachable, a proxy's error page, a rate limit, a refused access token, or an answer of the homeserver itself.
import { Problem, type ProblemCode } from '../../common/problem.ts';

export interface FailureFacts {
  /** HTTP status; undefined: no answer came. */
  readonly status?: number | undefined;
  /** Matrix error code, where the answer was a Matrix error. */
  readonly errcode?: string | undefined;
  /** The homeserver's own words. */
  readonly error?: string | undefined;
  /** How long to wait, where the answer said so (ms). */
  readonly retryAfterMs?: number | undefined;
  /** The JSON of the answer, if it was any. */
  readonly answer?: unknown;
  /** The answer was JSON that breaks off: the homeserver's own, cut on the way. */
  readonly truncated?: boolean | undefined;
}

/** A request that failed, as a problem to show and with the facts to act on. */
export class RequestFailed extends Problem {
  readonly status: number | undefined;
  readonly errcode: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly answer: unknown;
  readonly truncated: boolean;

  constructor(
    code: ProblemCode,
    message: string,
    remedy: string,
    facts: FailureFacts,
    options?: ErrorOptions,
  ) {
    super(code, message, remedy, options);
    this.name = 'RequestFailed';
    this.status = facts.status;
    this.errcode = facts.errcode;
    this.answer = facts.answer;
    this.truncated = facts.truncated ?? false;
    this.retryAfterMs = facts.retryAfterMs === undefined ? undefined : bearable(facts.retryAfterMs);
  }

  /** The homeserver itself does not know the access token (any more). A proxy's 401 says nothing about it. */
  get accessTokenRefused(): boolean {
    return this.status === 401 && this.errcode !== undefined;
  }
}

/** Neither a tight loop nor a timer that never ends, whatever a homeserver or proxy says (ms). */
function bearable(retryAfterMs: number): number {
  return Math.min(Math.max(retryAfterMs, 100), 3_600_000);
}

/** @param server the base URL that was asked. */
export function requestFailed(server: string, facts: FailureFacts, cause?: unknown): RequestFailed {
  const options = cause === undefined ? undefined : { cause };
  const { status, errcode, error } = facts;
  if (status === undefined) {
    return new RequestFailed(
      'homeserver_unreachable',
      `The homeserver at ${server} can’t be reached (${reasonOf(cause)}).`,
      'Check that it is running and that the address is right.',
      facts,
      options,
    );
  }
  if (status === 429 || errcode === 'M_LIMIT_EXCEEDED') {
    return new RequestFailed(
      'rate_limited',
      `The homeserver at ${server} limits how often it may be asked.`,
      'Wait a few minutes.',
      facts,
      options,
    );
  }
  if (status >= 500 || errcode === undefined) {
    const page = 'not a Matrix answer, probably a page of the reverse proxy';
    const words = facts.truncated ? 'its JSON breaks off' : errcode === undefined ? page : error;
    return new RequestFailed(
      'homeserver_error',
      `The homeserver at ${server} answered HTTP ${status}${words ? ` (${words})` : ''}.`,
      'Look at its log and at the reverse proxy in front of it.',
      facts,
      options,
    );
  }
  return new RequestFailed(
    'refused',
    `The homeserver at ${server} refused: ${error || errcode} (HTTP ${status}).`,
    'Look at the homeserver’s log for the reason.',
    facts,
    options,
  );
}

/** Node's word for a network fault, in the words of an admin. */
function reasonOf(cause: unknown): string {
  const code = errorCode(cause);
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name can’t be resolved';
    case 'ETIMEDOUT':
    case 'ESOCKETTIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'TimeoutError':
      return 'it did not answer in time';
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
    case 'EPIPE':
      return 'the connection was cut';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'its certificate is for another name';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'its certificate is self-signed';
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'it does not speak https there';
    default:
      if (code?.includes('CERT') || code?.includes('VERIFY'))
        return `its certificate can’t be verified: ${code}`;
      return code ?? (cause instanceof Error ? cause.message : 'no answer');
  }
}

function errorCode(cause: unknown): string | undefined {
  for (let error: unknown = cause; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') return code;
    if (error.name === 'TimeoutError') return error.name;
  }
  return undefined;
}
