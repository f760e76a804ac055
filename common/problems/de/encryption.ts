import type { ENCRYPTION_PROBLEMS } from '../encryption.ts';
import type { Translated } from './translated.ts';

const LOOK_AT_PROXY = 'Sieh in das Protokoll des Homeservers und auf den Reverse-Proxy davor.';

function newDevice({ canLogIn }: { canLogIn: boolean }): string {
  return canLogIn
    ? 'Halte den Bot an und verschiebe crypto.sqlite (mit crypto.sqlite-wal und crypto.sqlite-shm) aus dem Datenordner: Beim nächsten Start meldet er sich als neues Gerät an.'
    : 'Melde den Bot neu an (mit einer Anmeldung nur für ihn), trage deren Zugangstoken unter bot.access_token ein und verschiebe crypto.sqlite (mit crypto.sqlite-wal und crypto.sqlite-shm) aus dem Datenordner.';
}

export const ENCRYPTION: Translated<keyof typeof ENCRYPTION_PROBLEMS> = {
  encryption_off: {
    cause: ({ roomId }) => `Der Raum ${roomId} ist verschlüsselt, und die Verschlüsselung des Bots ist aus.`,
    remedy: 'Setze bot.encryption: true, oder nimm einen unverschlüsselten Raum.',
  },
  algorithm_unknown: {
    cause: ({ roomId, algorithm }) =>
      `Der Raum ${roomId} ist mit ${algorithm} verschlüsselt; das kennt der Bot nicht.`,
    remedy: 'Nimm einen anderen Raum.',
  },
  members_untold: {
    cause: ({ roomId }) => `Der Homeserver hat nicht gesagt, wer im Raum ${roomId} ist.`,
    remedy: LOOK_AT_PROXY,
  },
  encryption_answer_odd: {
    cause: ({ reason }) =>
      `Die Verschlüsselung kann mit der Antwort des Homeservers nichts anfangen: ${reason}.`,
    remedy: LOOK_AT_PROXY,
  },
  identity_foreign: {
    cause: ({ userId }) =>
      `Das Konto ${userId} hat eine Cross-Signing-Identität, deren private Schlüssel der Bot nicht hat. Darum ist sein Gerät nicht signiert: Clients, die nur mit signierten Geräten sprechen, schicken ihm keine Schlüssel.`,
    remedy: ({ hasRecoveryKey }) => {
      const recover = hasRecoveryKey
        ? 'bot.recovery_key öffnet sie nicht: Berichtige ihn'
        : 'Trage den Wiederherstellungsschlüssel des Kontos unter bot.recovery_key ein';
      return `${recover}; oder, wenn er verloren ist, setze einmal bot.reset_identity: true und bot.password, um die Identität zu ersetzen (wer den Bot verifiziert hat, tut das dann noch einmal).`;
    },
  },
  recovery_key_refused: {
    cause: ({ userId }) => `bot.recovery_key ist nicht der Wiederherstellungsschlüssel des Kontos ${userId}.`,
    remedy:
      'Trage den Schlüssel ein, mit dem der sichere Speicher dieses Kontos eingerichtet wurde, oder lass die Einstellung weg.',
  },
  reset_needs_password: {
    cause: 'Der Homeserver ersetzt die Identität des Bot-Kontos nur mit dessen Passwort.',
    remedy: 'Trage es unter bot.password ein; bot.access_token darf bleiben.',
  },
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
      'Die Schlüssel im Datenordner sind veraltet: crypto.sqlite ist eine Kopie von vor dem letzten Start, aus einer Sicherung, oder ein anderer Prozess nutzt eine. Damit würde der Bot noch einmal mit denselben Schlüsseln verschlüsseln.',
    remedy: newDevice,
  },
  keys_older_than_published: {
    cause:
      'Der Homeserver lehnt die Schlüssel des Bots ab, weil er neuere desselben Geräts hat: crypto.sqlite im Datenordner kommt aus einer Sicherung, oder ein anderer Prozess nutzt eine Kopie davon.',
    remedy: newDevice,
  },
};
