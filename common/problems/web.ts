// Requests to the bot's ports: the widget's API, health and metrics.
import type { Entry, NestedProblem } from './entry.ts';

interface Server {
  serverName: string;
}

export const WEB_PROBLEMS = {
  session_missing: {
    kind: 'session_ended',
    errcode: 'M_MISSING_TOKEN',
    cause: 'The request has no session token.',
    remedy: '',
  },
  session_ended: {
    kind: 'session_ended',
    cause: 'The session has ended.',
    remedy: 'Sign in again with a new OpenID token.',
  },
  identity_elsewhere: {
    kind: 'identity_refused',
    cause: ({ serverName }: Server) =>
      `Only accounts of ${serverName} can use this, and yours is on another homeserver.`,
    remedy: ({ serverName }: Server) => `Sign in to your client with an account of ${serverName}.`,
  },
  identity_not_named: {
    kind: 'identity_refused',
    cause: ({ serverName }: Server) => `The homeserver did not name a user of ${serverName}.`,
    remedy:
      'Check that widget.openid_url in the bot’s configuration is the address of the bot’s own homeserver.',
  },
  identity_not_proved: {
    kind: 'identity_refused',
    cause: 'The homeserver does not accept your proof of identity: it has expired, or was used elsewhere.',
    remedy: 'Try again: your client then requests a new one.',
  },
  identity_untold: {
    kind: 'homeserver_error',
    cause: ({ openIdUrl, status }: { openIdUrl: string; status: number }) =>
      `The homeserver can’t confirm at ${openIdUrl} who you are (HTTP ${status}).`,
    remedy: ({ openIdUrl, path }: { openIdUrl: string; path: string }) =>
      `Make ${openIdUrl}${path} reach a Synapse listener with the resource openid or federation (widget.openid_url).`,
  },
  // To people who have not signed in yet: without addresses, which the log names.
  sign_in_unreachable: {
    kind: 'homeserver_unreachable',
    cause: 'The homeserver can’t be reached, so the bot can’t check who you are.',
    remedy: 'Try again later. The bot’s log says more.',
  },
  sign_in_limited: {
    kind: 'rate_limited',
    cause: (_: { retryAfterMs: number }) =>
      'The homeserver limits how often the bot may check who somebody is.',
    remedy: 'Wait a few minutes.',
  },
  sign_in_failed: {
    kind: 'homeserver_error',
    cause: 'The homeserver can’t confirm who you are.',
    remedy: 'Try again later. The bot’s log says more.',
  },
  too_many_requests: {
    kind: 'rate_limited',
    cause: (_: { retryAfterMs: number }) => 'Too many requests.',
    remedy: 'Wait a moment.',
  },
  request_too_large: {
    kind: 'invalid_input',
    status: 413,
    errcode: 'M_TOO_LARGE',
    cause: 'The request is too large.',
    remedy: '',
  },
  request_unreadable: {
    kind: 'invalid_input',
    cause: (_: { status: number }) => 'The request can’t be read.',
    remedy: '',
  },
  not_json: {
    kind: 'invalid_input',
    errcode: 'M_NOT_JSON',
    cause: 'The body must be JSON, with the header Content-Type: application/json.',
    remedy: '',
  },
  nothing_here: {
    kind: 'invalid_input',
    status: 404,
    errcode: 'M_UNRECOGNIZED',
    cause: 'There is nothing at this address.',
    remedy: '',
  },
  only_metrics_here: {
    kind: 'invalid_input',
    status: 404,
    errcode: 'M_UNRECOGNIZED',
    cause: 'There is nothing at this address, only at /metrics and /health.',
    remedy: '',
  },
  wrong_method: {
    kind: 'invalid_input',
    status: 405,
    errcode: 'M_UNRECOGNIZED',
    cause: ({ allowed }: { allowed: string }) => `This address accepts only ${allowed}.`,
    remedy: '',
  },
  request_wrong: {
    kind: 'invalid_input',
    cause: 'The request is missing or not what it should be.',
    remedy: '',
  },
  field_wrong: {
    kind: 'invalid_input',
    cause: ({ field }: { field: string }) => `${field} is missing or not what it should be.`,
    remedy: '',
  },
  fields_unknown: {
    kind: 'invalid_input',
    cause: ({ fields }: { fields: string }) => `Unknown: ${fields}.`,
    remedy: '',
  },
  /** Several problems at once; `english` has the sentences of all. */
  several_problems: {
    kind: 'invalid_input',
    cause: ({ english }: { english: string; problems: readonly NestedProblem[] }) => english,
    remedy: '',
  },
  cursor_foreign: {
    kind: 'invalid_input',
    cause: 'The cursor does not belong to this list.',
    remedy: 'Begin with the first page again.',
  },
  fault_of_the_bot: {
    kind: 'internal',
    cause: 'Something went wrong inside the bot.',
    remedy: ({ name, id }: { name: 'request ID' | 'event ID'; id: string }) =>
      `Its log says more, under the ${name} ${id}.`,
  },
} as const satisfies Record<string, Entry>;
