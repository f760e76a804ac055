import type { ACCESS_PROBLEMS } from '../access.ts';
import type { Translated } from './translated.ts';

const EXAMPLE =
  'Gib eine Benutzer-ID wie @alice:example.org oder einen regulären Ausdruck wie @.*:example.org ein.';

export const ACCESS: Translated<keyof typeof ACCESS_PROBLEMS> = {
  access_denied: {
    cause: ({ userId }) => `Du (${userId}) darfst hier keine Registrierungstoken verwalten.`,
    remedy: ({ userId }) => `Bitte jemanden, der es darf, dem Bot zu schreiben: allow ${userId}`,
  },
  own_access_lost: {
    cause: 'Damit würdest du deinen eigenen Zugriff verlieren; darum wurde nichts geändert.',
    remedy: ({ userId }) =>
      `Lass zuerst dich selbst zu (${userId}), oder bitte jemand anderen, der zugelassen ist.`,
  },
  access_would_open: {
    cause: ({ serverName }) =>
      `Damit dürften alle Nutzer von ${serverName} Registrierungstoken verwalten; darum wurde nichts geändert.`,
    remedy: 'Wenn du das willst, bestätige es: in der API mit `confirm`.',
  },
  pattern_configured: {
    cause: ({ pattern }) => `${pattern} ist in der Konfiguration zugelassen; darum wurde nichts geändert.`,
    remedy: 'Entferne den Eintrag in der Konfigurationsdatei unter access.allow und starte den Bot neu.',
  },
  pattern_not_listed: {
    cause: ({ pattern }) => `${pattern} steht nicht auf der Liste; darum wurde nichts geändert.`,
    remedy: 'Sieh in der Liste nach, wie der Eintrag heißt.',
  },
  pattern_covered: {
    cause: ({ pattern }) => `${pattern} steht nicht auf der Liste; darum wurde nichts geändert.`,
    remedy: ({ by }) => `Den Zugriff gibt das Muster ${by}: Entferne stattdessen dieses.`,
  },
  pattern_empty: { cause: 'Ein Muster darf nicht leer sein.', remedy: EXAMPLE },
  pattern_too_long: {
    cause: ({ most }) => `Ein Muster hat höchstens ${most} Zeichen.`,
    remedy: EXAMPLE,
  },
  pattern_with_space: {
    cause: ({ pattern }) => `Das Muster „${pattern}“ enthält ein Leerzeichen.`,
    remedy: EXAMPLE,
  },
  pattern_without_server: {
    cause: ({ pattern }) => `„${pattern}“ passt zu keiner Benutzer-ID.`,
    remedy: ({ localpart }) => `Eine Benutzer-ID hat die Form @${localpart}:example.org.`,
  },
  pattern_in_capitals: {
    cause: ({ pattern }) => `„${pattern}“ passt zu keiner Benutzer-ID: Sie werden klein geschrieben.`,
    remedy: ({ lower }) => `Meinst du ${lower}?`,
  },
  pattern_repeats_at: {
    cause: ({ pattern }) => `Im Muster „${pattern}“ wiederholt das * das @.`,
    remedy: ({ meant }) => `Für jeden beliebigen Namen schreibe .*: „${meant}“.`,
  },
  pattern_invalid: {
    cause: ({ pattern, reason }) => `„${pattern}“ ist kein gültiges Muster (${reason}).`,
    remedy: EXAMPLE,
  },
};
