// The kinds of problems, and what each is for those who get it as an answer or wait for it to pass. They are what the API
// calls `code`, and what metrics, health and the log count by.

export interface KindFacts {
  /** Of an answer of the API. */
  readonly status: number;
  /** The Matrix error code of such an answer. */
  readonly errcode: string;
  /** Passes by itself: worth another try. */
  readonly transient?: boolean;
  /** In the documentation: what all of its problems have in common. */
  readonly means: string;
}

/**
 * A token that is taken is no conflict between two states of the same thing: Synapse answers 400 as well. What stands
 * in the way at the homeserver is 502, so that no client takes it for a fault of its own request.
 */
export const KINDS = {
  // of the person who asks
  invalid_input: { status: 400, errcode: 'M_INVALID_PARAM', means: 'what was asked for can’t be' },
  token_exists: { status: 400, errcode: 'M_INVALID_PARAM', means: 'there is a token of that name' },
  token_not_found: { status: 404, errcode: 'M_NOT_FOUND', means: 'there is no such token' },
  not_allowed: { status: 403, errcode: 'M_FORBIDDEN', means: 'the person has no access' },
  refused: {
    status: 403,
    errcode: 'M_FORBIDDEN',
    means: 'not done for the reason given; 502 if it was the homeserver that refused',
  },
  conflict: { status: 412, errcode: 'M_UNKNOWN', means: 'somebody else changed the token meanwhile' },
  session_ended: {
    status: 401,
    errcode: 'M_UNKNOWN_TOKEN',
    means: 'the widget has to sign in again',
  },
  identity_refused: { status: 401, errcode: 'M_UNAUTHORIZED', means: 'the OpenID token is not accepted' },
  // of the set-up
  rate_limited: {
    status: 429,
    errcode: 'M_LIMIT_EXCEEDED',
    transient: true,
    means: 'the homeserver, or the bot’s own limit, wants a pause',
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
    means: 'the homeserver, or a proxy in front of it, has a fault',
  },
  admin_credential_refused: {
    status: 502,
    errcode: 'M_UNKNOWN',
    means: '`api.token` or `api.password` is not accepted',
  },
  admin_rights_missing: { status: 502, errcode: 'M_UNKNOWN', means: 'the account is no server admin' },
  token_api_missing: { status: 502, errcode: 'M_UNKNOWN', means: '`/_synapse/admin` is not there' },
  mas_in_charge: {
    status: 502,
    errcode: 'M_UNKNOWN',
    means: 'the Matrix Authentication Service manages registration',
  },
  backend_unsupported: {
    status: 502,
    errcode: 'M_UNKNOWN',
    means: '`api.backend` names what this version does not have',
  },
  bot_credential_refused: {
    status: 502,
    errcode: 'M_UNKNOWN',
    means: 'the bot’s own login is not accepted any more',
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
  internal: { status: 500, errcode: 'M_UNKNOWN', means: 'a fault of the bot' },
} as const satisfies Record<string, KindFacts>;

export type ProblemKind = keyof typeof KINDS;
export const PROBLEM_KINDS = Object.keys(KINDS) as ProblemKind[];
