import type { EnglishWords } from '../en/english.ts';
import { command, say } from '../inline.ts';

const SCOPES = { named: '', all: '', expired: 'abgelaufene', used: 'verbrauchte' };

export const DELETION: EnglishWords['deletion'] = {
  noneFound: (tokens) => say`Es gibt keinen Token ${tokens}. ${command('list')} zeigt die vorhandenen.`,
  unknown: (tokens) => say`Es gibt keinen Token ${tokens}.`,
  nothingToDelete: (scope) =>
    `Es gibt keine ${scope === 'all' || scope === 'named' ? '' : `${SCOPES[scope]}n `}Token zu löschen.`,
  question(scope, n) {
    const all = scope === 'all' && n > 1 ? 'ALLE ' : '';
    const adjective = SCOPES[scope] === '' ? '' : `${SCOPES[scope]}${n === 1 ? 'n' : ''} `;
    return `${all}${n} ${adjective}Token löschen?`;
  },
  howToAnswer: (duration, byReaction) =>
    byReaction
      ? say`Reagiere mit ✅ zum Löschen oder mit ❌ zum Behalten, oder schreib ${command('confirm')} oder ${command('cancel')}, innerhalb von ${duration}.`
      : say`Schreib ${command('confirm')} zum Löschen oder ${command('cancel')} zum Behalten, innerhalb von ${duration}. Reaktionen zählen hier nicht.`,
  andMore: (n) => `und ${n} weitere`,

  deleting: (n, by) => `${n} Token werden gelöscht … (bestätigt von ${by})`,
  deleted: (n, by) => `🗑️ ${n} Token gelöscht, bestätigt von ${by}.`,
  unconfirmed: (by) => `Bestätigt von ${by}, aber der Homeserver hat keine Löschung bestätigt.`,
  nothingDeleted: (by) => `Nichts wurde gelöscht. Bestätigt von ${by}.`,
  changedSince: 'Seit der Frage geändert:',
  change: {
    used: (times) => `wurde seitdem ${times === 1 ? 'einmal' : `${times}-mal`} genutzt`,
    registering: 'gerade registriert sich jemand damit',
    edited: 'wurde seitdem bearbeitet',
  },
  gone: 'Schon weg:',
  kept: 'Behalten, weil seit der Frage geändert:',
  notAllDeleted: 'Nicht alle konnten gelöscht werden. ',
  notAllConfirmed: 'Nicht alle Löschungen wurden bestätigt. ',
  lookAfterwards: say` Schick danach ${command('list')}, um zu sehen, welche Token noch da sind.`,

  cancelled: (by) => `Abgebrochen von ${by}. Nichts wurde gelöscht: `,
  expired: 'Ich habe rechtzeitig keine Antwort gesehen. Nichts wurde gelöscht: ',
  askAgain: 'Schick den Befehl noch einmal, wenn du es weiterhin willst.',
  accessLost: (requester) => `${requester} darf keine Token mehr verwalten. Nichts wurde gelöscht: `,
  more: (n) => `${n} weitere`,
  stay: (n) => (n === 1 ? ' bleibt.' : ' bleiben.'),
};
