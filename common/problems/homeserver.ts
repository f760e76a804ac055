// Requests to a homeserver, and its answers.
import type { Entry } from './entry.ts';

interface Server {
  server: string;
}

/** Why there was no answer; other reasons are shown as the system's error code. */
const REASONS = {
  nothing_listens: 'nothing listens there',
  name_unknown: 'its name can’t be resolved',
  too_slow: 'it did not answer in time',
  cut: 'the connection was cut',
  certificate_expired: 'its certificate has expired',
  certificate_of_another: 'its certificate is for another name',
  certificate_self_signed: 'its certificate is self-signed',
  certificate_unverified: 'its certificate can’t be verified',
  no_tls: 'it does not speak https there',
  silent: 'no answer',
} as const;
export type Reason = keyof typeof REASONS;

/** `detail`: the system's error code, if it says more or if there is no `reason` for it. */
export interface Unreachable extends Server {
  reason: Reason | '';
  detail: string;
}

function reasonWords({ reason, detail }: Unreachable): string {
  const words: string = reason === '' ? '' : (REASONS[reason] ?? reason);
  return [words, detail].filter((part) => part !== '').join(': ');
}

export interface Answer extends Server {
  status: number;
  /** The homeserver's error text, or its error code; '' if it sent neither. */
  words: string;
}

const LOOK_AT_PROXY = 'Look at its log and at the reverse proxy in front of it.';

export const HOMESERVER_PROBLEMS = {
  homeserver_unreachable: {
    kind: 'homeserver_unreachable',
    cause: (params: Unreachable) =>
      `The homeserver at ${params.server} can’t be reached (${reasonWords(params)}).`,
    remedy: 'Check that it is running and that the address is right.',
  },
  homeserver_limits: {
    kind: 'rate_limited',
    cause: ({ server }: Server) => `The homeserver at ${server} limits how often it may be asked.`,
    remedy: 'Wait a few minutes.',
  },
  homeserver_failed: {
    kind: 'homeserver_error',
    cause: ({ server, status, words }: Answer) =>
      `The homeserver at ${server} answered HTTP ${status}${words === '' ? '' : ` (${words})`}.`,
    remedy: LOOK_AT_PROXY,
  },
  not_a_matrix_answer: {
    kind: 'homeserver_error',
    cause: ({ server, status }: Server & { status: number }) =>
      `The homeserver at ${server} answered HTTP ${status} (not a Matrix answer, probably a page of the reverse proxy).`,
    remedy: LOOK_AT_PROXY,
  },
  answer_cut: {
    kind: 'homeserver_error',
    cause: ({ server, status }: Server & { status: number }) =>
      `The homeserver at ${server} answered HTTP ${status} (its JSON breaks off).`,
    remedy: LOOK_AT_PROXY,
  },
  answer_too_large: {
    kind: 'homeserver_error',
    cause: ({ server, mib }: Server & { mib: number }) =>
      `The homeserver at ${server} sent an answer of more than ${mib} MiB.`,
    remedy: LOOK_AT_PROXY,
  },
  /** 502, not 403: the homeserver refused the bot's request, not the user's. */
  homeserver_refused: {
    kind: 'refused',
    status: 502,
    cause: ({ server, status, words }: Answer) =>
      `The homeserver at ${server} refused: ${words} (HTTP ${status}).`,
    remedy: 'Look at the homeserver’s log for the reason.',
  },
  given_up: {
    kind: 'homeserver_error',
    transient: false,
    cause: ({ why }: { why: string }) =>
      `Only this request keeps failing at the homeserver, so it is given up: ${why}`,
    remedy: ({ remedy }: { remedy: string }) => remedy,
  },
  sync_silent: {
    kind: 'homeserver_unreachable',
    cause: ({ seconds }: { seconds: number }) => `The homeserver has not answered a /sync for ${seconds} s.`,
    remedy: 'The bot retries on a new connection.',
  },
  machine_slept: {
    kind: 'homeserver_unreachable',
    cause: 'The machine slept, or its clock was set.',
    remedy: 'The bot retries on a new connection.',
  },
  sync_stuck: {
    kind: 'internal',
    cause: ({ minutes }: { minutes: number }) =>
      `The bot has been taking in one answer of the homeserver for ${minutes} minutes: it is stuck.`,
    remedy: 'Restart the bot: it then finishes what is still open.',
  },
  no_homeserver_there: {
    kind: 'homeserver_error',
    cause: ({ server }: Server) => `${server} is not a Matrix homeserver.`,
    remedy: 'Check that it is running and that bot.server is right.',
  },
} as const satisfies Record<string, Entry>;
