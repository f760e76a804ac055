// About requests to a homeserver, and what came of them.
import type { Entry } from './entry.ts';

interface Server {
  server: string;
}

/** Why no answer came; others are told by the system's own word. */
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

/** `detail`: the system's word where it says more, or where there is no reason for it. */
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
  /** The homeserver's own words, or its error code; none: ''. */
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
  /** Not refused to the person who asks: it comes from behind the bot. */
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
    cause: ({ why }: { why: string }) => `The homeserver fails at this alone, so that it is given up: ${why}`,
    remedy: ({ remedy }: { remedy: string }) => remedy,
  },
  sync_silent: {
    kind: 'homeserver_unreachable',
    cause: ({ seconds }: { seconds: number }) => `The homeserver has not answered a /sync for ${seconds} s.`,
    remedy: 'The bot asks again on a new connection.',
  },
  machine_slept: {
    kind: 'homeserver_unreachable',
    cause: 'The machine slept, or its clock was set.',
    remedy: 'The bot asks again on a new connection.',
  },
  sync_stuck: {
    kind: 'internal',
    cause: ({ minutes }: { minutes: number }) =>
      `The bot has been taking in one answer of the homeserver for ${minutes} minutes: it is stuck.`,
    remedy: 'Start it again; what was not done is done then.',
  },
  no_homeserver_there: {
    kind: 'homeserver_error',
    cause: ({ server }: Server) => `${server} is no Matrix homeserver.`,
    remedy: 'Check that it is running and that bot.server is right.',
  },
} as const satisfies Record<string, Entry>;
