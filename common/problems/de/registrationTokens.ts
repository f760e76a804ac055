import type { TOKEN_PROBLEMS } from '../registrationTokens.ts';
import type { Translated } from './translated.ts';

export const TOKENS: Translated<keyof typeof TOKEN_PROBLEMS> = {
  token_not_found: {
    cause: ({ token }) => `Den Token ${token} gibt es nicht.`,
    remedy: 'Lade die Liste neu, um die vorhandenen Token zu sehen.',
  },
  token_exists: {
    cause: ({ token }) => `Den Token ${token} gibt es schon.`,
    remedy: 'Wähle einen anderen Namen oder bearbeite diesen Token.',
  },
  token_name_taken: {
    cause: 'Einen Token mit diesem Namen gibt es schon.',
    remedy: 'Wähle einen anderen Namen oder bearbeite diesen Token.',
  },
  one_token_one_name: {
    cause: 'Nur ein einzelner Token kann einen eigenen Namen haben.',
    remedy: 'Lass entweder den Namen oder die Anzahl weg.',
  },
  nothing_to_change: {
    cause: 'Es gibt nichts zu ändern.',
    remedy: 'Gib an, was sich ändern soll: die Zahl der Nutzungen oder den Ablauf.',
  },
  expiry_past: {
    cause: 'Der Ablauf muss in der Zukunft liegen. Soll niemand mehr den Token nutzen, lösche ihn.',
    remedy: '',
  },
  token_changed_meanwhile: {
    cause: 'Jemand anderes hat diesen Token inzwischen geändert.',
    remedy: 'Sieh nach, wie er jetzt aussieht, und entscheide dann neu.',
  },
  token_deleted_meanwhile: {
    cause: 'Jemand anderes hat diesen Token inzwischen gelöscht.',
    remedy: 'Erstelle einen neuen, wenn du ihn noch brauchst.',
  },
};
