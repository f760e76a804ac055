import type { COMMAND_PROBLEMS } from '../commands.ts';
import type { Translated } from './translated.ts';

const WHICH = 'Welcher Token?';

export const COMMANDS: Translated<keyof typeof COMMAND_PROBLEMS> = {
  option_given_twice: {
    cause: ({ option }) => `${option}= ist doppelt angegeben.`,
    remedy: 'Gib es einmal an.',
  },
  option_without_value: {
    cause: ({ option }) => `${option}= hat keinen Wert.`,
    remedy: 'Schreibe ihn ohne Leerzeichen hinter das =.',
  },
  option_not_here: {
    cause: ({ option }) => `Dieser Befehl hat keine Optionen: Lass ${option}= weg.`,
    remedy: '',
  },
  option_misspelt: {
    cause: ({ option }) => `Eine Option ${option}= gibt es nicht.`,
    remedy: ({ near }) => `Meinst du ${near}=?`,
  },
  option_unknown: {
    cause: ({ option }) => `Eine Option ${option}= gibt es nicht.`,
    remedy: ({ known }) => `Die Optionen sind ${known}.`,
  },
  uses_unreadable: {
    cause: ({ text }) => `uses=${text} ist keine Anzahl von Nutzungen.`,
    remedy: 'Schreibe eine ganze Zahl wie uses=3, oder uses=unlimited.',
  },
  expiry_unreadable: {
    cause: ({ text }) => `expires=${text} ist keine Zeit.`,
    remedy:
      'Schreibe eine Dauer (expires=12h, 7d, 2w), ein Datum (expires=2026-12-31, in UTC) oder expires=never.',
  },
  number_unreadable: {
    cause: ({ what, text }) =>
      `${what === 'page' ? 'Die Seite' : 'count'} muss eine ganze Zahl ab 1 sein, nicht ${text}.`,
    remedy: '',
  },
  name_with_spaces: {
    cause: ({ text }) => `„${text}“ ist mehr als ein Name.`,
    remedy: 'Ein Token hat keine Leerzeichen. Für mehrere Token schreibe count=N.',
  },
  name_like_option: {
    cause: ({ word }) => `Ein Token namens ${word}?`,
    remedy: ({ option, word }) =>
      `Für ${option}= schreibe \`create ${option}=${word}\`; für den Namen \`create token=${word}\`.`,
  },
  token_not_named: {
    cause: WHICH,
    remedy: ({ command }) => `Schreibe zum Beispiel \`${command} abcdef123456\`; \`list\` zeigt alle.`,
  },
  edit_without_token: { cause: WHICH, remedy: 'Schreibe zum Beispiel `edit abcdef123456 uses=3`.' },
  edit_of_several: {
    cause: 'Es lässt sich nur ein Token auf einmal ändern.',
    remedy: 'Schreibe, was sich ändern soll, als uses=… oder expires=…',
  },
  too_many_named: {
    cause: ({ most }) => `Höchstens ${most} Token lassen sich auf einmal nennen.`,
    remedy: 'Schreibe mehrere Nachrichten oder `delete-all`.',
  },
  too_many_shown: {
    cause: ({ most }) => `Höchstens ${most} Token lassen sich auf einmal zeigen.`,
    remedy: '',
  },
  scope_unknown: {
    cause: ({ words }) => `„${words}“ lässt sich nicht auf einmal löschen.`,
    remedy:
      'Schreibe `delete-all`, `delete-all expired` oder `delete-all used`. Einzelne Token: `delete TOKEN`.',
  },
  filter_unknown: {
    cause: ({ word }) => `„${word}“ lässt sich nicht auflisten.`,
    remedy:
      'Schreibe `list`, `list valid`, `list expired` oder `list used`, und eine Seitenzahl, wenn du magst.',
  },
  nobody_named: {
    cause: 'Wen?',
    remedy: ({ command }) =>
      `Schreibe eine Benutzer-ID oder ein Muster, zum Beispiel \`${command} @alice:example.org\`.`,
  },
  nothing_to_confirm: {
    cause: 'Es gibt nichts zu bestätigen.',
    remedy: 'Nur `delete` und `delete-all` fragen nach, und das letzte `disallow`.',
  },
  question_of_another: {
    cause: ({ requester }) => `Nur ${requester} kann diese Frage beantworten.`,
    remedy: 'Frage dort nach, oder schicke den Befehl selbst.',
  },
  question_closed: {
    cause: 'Diese Frage ist schon beantwortet oder abgelaufen.',
    remedy: 'Schicke den Befehl noch einmal, wenn du es weiterhin willst.',
  },
};
