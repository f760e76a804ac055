import type { KEY_PROBLEMS } from '../keys.ts';
import type { Translated } from './translated.ts';

function newDevice({ canLogIn }: { canLogIn: boolean }): string {
  return canLogIn
    ? 'Halte den Bot an und verschiebe crypto.sqlite (mit crypto.sqlite-wal und crypto.sqlite-shm) aus dem Datenordner: Beim nächsten Start meldet er sich als neues Gerät an.'
    : 'Melde den Bot neu an (mit einer Anmeldung nur für ihn), trage deren Zugangstoken unter bot.access_token ein und verschiebe crypto.sqlite (mit crypto.sqlite-wal und crypto.sqlite-shm) aus dem Datenordner.';
}

export const KEYS: Translated<keyof typeof KEY_PROBLEMS> = {
  keys_without_device: {
    cause: ({ userId }) =>
      `Der Zugangstoken des Bots gehört zu keinem Gerät von ${userId}; die Verschlüsselung braucht eines.`,
    remedy:
      'Nimm den Zugangstoken einer gewöhnlichen Anmeldung oder das Passwort, oder setze bot.encryption: false.',
  },
  keys_of_another_account: {
    cause: ({ owner, userId }) =>
      `Die Schlüssel im Datenordner gehören zum Konto ${owner}, aber der Bot ist ${userId}.`,
    remedy: newDevice,
  },
  keys_lost: {
    cause: ({ deviceId }) =>
      `Dem Datenordner fehlen die Schlüssel des Geräts ${deviceId}, die der Homeserver hat: Sie sind verloren, oder das Gerät gehört zu einem anderen Client.`,
    remedy: newDevice,
  },
  keys_differ: {
    cause: ({ deviceId }) =>
      `Die Schlüssel im Datenordner sind nicht die, die der Homeserver vom Gerät ${deviceId} hat.`,
    remedy: newDevice,
  },
  keys_outdated: {
    cause:
      'Die Schlüssel im Datenordner sind veraltet: crypto.sqlite ist eine Kopie von vor dem letzten Start oder aus einer früheren Stunde, aus einer Sicherung, oder ein anderer Prozess nutzt eine. Damit würde der Bot noch einmal mit denselben Schlüsseln verschlüsseln.',
    remedy: newDevice,
  },
  keys_older_than_published: {
    cause:
      'Der Homeserver lehnt die Schlüssel des Bots ab, weil er neuere desselben Geräts hat: crypto.sqlite im Datenordner kommt aus einer Sicherung, oder ein anderer Prozess nutzt eine Kopie davon.',
    remedy: newDevice,
  },
};
