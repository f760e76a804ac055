import type { HOMESERVER_PROBLEMS, Reason, Unreachable } from '../homeserver.ts';
import type { Translated } from './translated.ts';

const REASONS: Record<Reason, string> = {
  nothing_listens: 'dort läuft kein Dienst',
  name_unknown: 'sein Name lässt sich nicht auflösen',
  too_slow: 'er hat nicht rechtzeitig geantwortet',
  cut: 'die Verbindung wurde getrennt',
  certificate_expired: 'sein Zertifikat ist abgelaufen',
  certificate_of_another: 'sein Zertifikat gilt für einen anderen Namen',
  certificate_self_signed: 'sein Zertifikat ist selbst signiert',
  certificate_unverified: 'sein Zertifikat lässt sich nicht prüfen',
  no_tls: 'dort wird kein https gesprochen',
  silent: 'keine Antwort',
};

function reasonWords({ reason, detail }: Unreachable): string {
  const words = reason === '' ? '' : REASONS[reason];
  return [words, detail].filter((part) => part !== '').join(': ');
}

const LOOK_AT_PROXY = 'Sieh in sein Protokoll und auf den Reverse-Proxy davor.';
const ASKS_AGAIN = 'Der Bot versucht es über eine neue Verbindung noch einmal.';

export const HOMESERVER: Translated<keyof typeof HOMESERVER_PROBLEMS> = {
  homeserver_unreachable: {
    cause: (params) => `Der Homeserver unter ${params.server} ist nicht erreichbar (${reasonWords(params)}).`,
    remedy: 'Prüfe, ob er läuft und ob die Adresse stimmt.',
  },
  homeserver_limits: {
    cause: ({ server }) => `Der Homeserver unter ${server} begrenzt, wie oft er gefragt werden darf.`,
    remedy: 'Warte ein paar Minuten.',
  },
  homeserver_failed: {
    cause: ({ server, status, words }) =>
      `Der Homeserver unter ${server} antwortete mit HTTP ${status}${words === '' ? '' : ` (${words})`}.`,
    remedy: LOOK_AT_PROXY,
  },
  not_a_matrix_answer: {
    cause: ({ server, status }) =>
      `Der Homeserver unter ${server} antwortete mit HTTP ${status} (keine Matrix-Antwort, wahrscheinlich eine Seite des Reverse-Proxys).`,
    remedy: LOOK_AT_PROXY,
  },
  answer_cut: {
    cause: ({ server, status }) =>
      `Der Homeserver unter ${server} antwortete mit HTTP ${status} (das JSON ist unvollständig).`,
    remedy: LOOK_AT_PROXY,
  },
  answer_too_large: {
    cause: ({ server, mib }) =>
      `Der Homeserver unter ${server} schickte eine Antwort von mehr als ${mib} MiB.`,
    remedy: LOOK_AT_PROXY,
  },
  homeserver_refused: {
    cause: ({ server, status, words }) =>
      `Der Homeserver unter ${server} lehnte ab: ${words} (HTTP ${status}).`,
    remedy: 'Den Grund nennt das Protokoll des Homeservers.',
  },
  given_up: {
    cause: ({ why }) =>
      `Nur diese Anfrage scheitert am Homeserver immer wieder; darum wird sie aufgegeben: ${why}`,
    remedy: ({ remedy }) => remedy,
  },
  sync_silent: {
    cause: ({ seconds }) => `Der Homeserver hat ein /sync seit ${seconds} s nicht beantwortet.`,
    remedy: ASKS_AGAIN,
  },
  machine_slept: {
    cause: 'Der Rechner hat geschlafen, oder seine Uhr wurde gestellt.',
    remedy: ASKS_AGAIN,
  },
  sync_stuck: {
    cause: ({ minutes }) =>
      `Der Bot nimmt seit ${minutes} Minuten eine Antwort des Homeservers auf: Er hängt fest.`,
    remedy: 'Starte ihn neu: Er erledigt dann, was noch offen ist.',
  },
  no_homeserver_there: {
    cause: ({ server }) => `${server} ist kein Matrix-Homeserver.`,
    remedy: 'Prüfe, ob er läuft und ob bot.server stimmt.',
  },
};
