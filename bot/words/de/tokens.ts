import type { EnglishWords } from '../en/english.ts';
import { code, command, say } from '../inline.ts';

export const TOKENS: EnglishWords['tokens'] = {
  states: {
    active: 'gültig',
    pending: 'in Benutzung',
    used: 'verbraucht',
    expired: 'abgelaufen',
    revoked: 'widerrufen',
  },
  tokens: (n) => `${n} Token`,
  used: (completed, limit) =>
    limit === null ? `${completed} genutzt, unbegrenzt` : `${completed} von ${limit} genutzt`,
  registering: (people) => `${people} laufend`,
  uses: (limit) => {
    if (limit === null) return 'beliebig viele Nutzungen';
    return limit === 1 ? '1 Nutzung' : `${limit} Nutzungen`;
  },
  expires: (when) => `läuft ${when} ab`,
  expired: (when) => `abgelaufen ${when}`,
  neverExpires: 'läuft nie ab',

  noTokens: say`Es gibt keine Registrierungstoken. ${command('create')} erstellt einen.`,
  noneOf: {
    valid: 'Keiner davon ist gültig.',
    expired: 'Keiner davon ist abgelaufen.',
    used: 'Keiner davon ist verbraucht.',
  },
  fewerPages: (pages) => `Es gibt nur ${pages === 1 ? 'eine Seite' : `${pages} Seiten`}.`,
  page: (page, pages) => `Seite ${page} von ${pages}.`,
  nextPage: (line) => say` Weiter: ${command(line)}`,

  unknown: (token) => say`Es gibt keinen Token ${code(token)}.`,
  details: {
    state: 'Zustand: ',
    usesLeft: 'Nutzungen übrig: ',
    left: (left, limit) => (left === null ? 'unbegrenzt' : `${left} von ${limit}`),
    completed: 'Abgeschlossen: ',
    registrations: (n) => (n === 1 ? '1 Registrierung' : `${n} Registrierungen`),
    pending: 'Laufend: ',
    people: (n) => {
      if (n === 0) return 'gerade registriert sich niemand';
      return n === 1 ? '1 Person registriert sich gerade' : `${n} Personen registrieren sich gerade`;
    },
    expires: 'Ablauf: ',
    never: 'nie',
  },
  pendingState:
    'in Benutzung; schließt niemand die Registrierung ab, wird der Token innerhalb von 48 Stunden wieder gültig',

  newToken: 'Neuer Registrierungstoken:',
  newTokens: (n, limits) => `${n} neue Registrierungstoken, jeder: ${limits}.`,
  handOut: (n, server) =>
    say`Gib ${n === 1 ? 'ihn' : 'einen'} einer Person, die ein Konto bekommen soll: Sie registriert sich auf ${code(server)} und gibt ihn ein, wenn nach einem Registrierungstoken gefragt wird.`,
  restNotCreated: 'Die übrigen konnten nicht erstellt werden. ',
  maybeCreated: (token) => `Vielleicht wurde er trotzdem erstellt: \`show ${token}\` zeigt es.`,
  changed: (token, limits, state, uses) => say`${code(token)} geändert: ${limits}. Jetzt ${state}, ${uses}.`,
};
