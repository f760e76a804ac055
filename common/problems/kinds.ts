// The kinds of problems, with their HTTP answer and whether to retry. The API's `code`, the `outcome` of metrics, and the
// `code` of health.

export interface KindFacts {
  /** HTTP status of API responses. */
  readonly status: number;
  /** Matrix error code of API responses. */
  readonly errcode: string;
  /** Usually temporary: worth a retry. */
  readonly transient?: boolean;
  /** Description in the documentation. */
  readonly means: string;
}

/**
 * An existing token is 400, as in Synapse, not 409. Failures of the homeserver are 502, so that clients don't take them for
 * an error in their request.
 */
export const KINDS = {
  // caused by the request
  invalid_input: { status: 400, errcode: 'M_INVALID_PARAM', means: 'the input is not valid' },
  token_exists: { status: 400, errcode: 'M_INVALID_PARAM', means: 'the token exists already' },
  token_not_found: { status: 404, errcode: 'M_NOT_FOUND', means: 'there is no such token' },
  not_allowed: { status: 403, errcode: 'M_FORBIDDEN', means: 'the user has no access' },
  refused: {
    status: 403,
    errcode: 'M_FORBIDDEN',
    means: 'refused for the reason given; 502 if the homeserver refused',
  },
  conflict: { status: 412, errcode: 'M_UNKNOWN', means: 'somebody else changed the token meanwhile' },
  session_ended: {
    status: 401,
    errcode: 'M_UNKNOWN_TOKEN',
    means: 'the widget has to sign in again',
  },
  identity_refused: { status: 401, errcode: 'M_UNAUTHORIZED', means: 'the OpenID token is not accepted' },
  // caused by the homeserver or the configuration
  rate_limited: {
    status: 429,
    errcode: 'M_LIMIT_EXCEEDED',
    transient: true,
    means: 'too many requests to the homeserver or to the bot',
  },
  homeserver_unreachable: {
    status: 502,
    errcode: 'M_UNKNOWN',
    transient: true,
    means: 'no answer from the homeserver',
  },
  homeserver_error: {
    status: 502,
    errcode: 'M_UNKNOWN',
    transient: true,
    means: 'the homeserver, or a proxy in front of it, fails',
  },
  admin_credential_refused: {
    status: 502,
    errcode: 'M_UNKNOWN',
    means: '`api.token` or `api.password` is not accepted',
  },
  admin_rights_missing: { status: 502, errcode: 'M_UNKNOWN', means: 'the account is not a server admin' },
  token_api_missing: { status: 502, errcode: 'M_UNKNOWN', means: '`/_synapse/admin` can’t be reached' },
  mas_in_charge: {
    status: 502,
    errcode: 'M_UNKNOWN',
    means: 'the Matrix Authentication Service manages registration',
  },
  backend_unsupported: {
    status: 502,
    errcode: 'M_UNKNOWN',
    means: 'this version does not support the configured `api.backend`',
  },
  bot_credential_refused: {
    status: 502,
    errcode: 'M_UNKNOWN',
    means: 'the homeserver does not accept the bot’s login any more',
  },
  encryption_keys_unusable: { status: 503, errcode: 'M_UNKNOWN', means: 'the bot ends with status 3' },
  identity_foreign: {
    status: 503,
    errcode: 'M_UNKNOWN',
    means: 'only in `status`: the bot’s device is not signed',
  },
  recovery_key_refused: {
    status: 503,
    errcode: 'M_UNKNOWN',
    means: 'only in `status`: `bot.recovery_key` is another key',
  },
  data_dir_in_use: { status: 503, errcode: 'M_UNKNOWN', means: 'another bot uses the data folder' },
  data_dir_unusable: {
    status: 503,
    errcode: 'M_UNKNOWN',
    means: 'the data folder can’t be read or written',
  },
  port_unusable: {
    status: 503,
    errcode: 'M_UNKNOWN',
    means: 'only at the start: a port of `widget.listen` or `metrics.listen` can’t be used',
  },
  internal: { status: 500, errcode: 'M_UNKNOWN', means: 'a bug in the bot' },
} as const satisfies Record<string, KindFacts>;

export type ProblemKind = keyof typeof KINDS;
export const PROBLEM_KINDS = Object.keys(KINDS) as ProblemKind[];
