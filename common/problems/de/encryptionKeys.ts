import type { ENCRYPTION_PROBLEMS } from '../encryptionKeys.ts';
import type { Translated } from './translated.ts';

const LOOK_AT_PROXY = 'Sieh in das Protokoll des Homeservers und auf den Reverse-Proxy davor.';

export const ENCRYPTION: Translated<keyof typeof ENCRYPTION_PROBLEMS> = {
  encryption_off: {
    cause: ({ roomId }) => `Der Raum ${roomId} ist verschlüsselt, und die Verschlüsselung des Bots ist aus.`,
    remedy: 'Setze bot.encryption: true, oder nimm einen unverschlüsselten Raum.',
  },
  room_too_big: {
    cause: ({ roomId, most }) => `Der verschlüsselte Raum ${roomId} hat mehr als ${most} Mitglieder.`,
    remedy: 'Nimm einen kleineren oder einen unverschlüsselten Raum, oder erhöhe bot.most_members.',
  },
  algorithm_unknown: {
    cause: ({ roomId, algorithm }) =>
      `Der Raum ${roomId} ist mit ${algorithm} verschlüsselt; das unterstützt der Bot nicht.`,
    remedy: 'Nimm einen anderen Raum.',
  },
  members_untold: {
    cause: ({ roomId }) => `Der Homeserver hat die Mitglieder des Raums ${roomId} nicht genannt.`,
    remedy: LOOK_AT_PROXY,
  },
  encryption_answer_odd: {
    cause: ({ reason }) =>
      `Die Verschlüsselungsbibliothek kann mit der Antwort des Homeservers nichts anfangen: ${reason}.`,
    remedy: LOOK_AT_PROXY,
  },
  identity_foreign: {
    cause: ({ userId }) =>
      `Das Konto ${userId} hat eine Cross-Signing-Identität, deren private Schlüssel der Bot nicht hat. Darum ist sein Gerät nicht signiert: Clients, die nur signierten Geräten vertrauen, schicken ihm keine Schlüssel.`,
    remedy: ({ hasRecoveryKey }) => {
      const recover = hasRecoveryKey
        ? 'bot.recovery_key öffnet sie nicht: Berichtige ihn'
        : 'Trage den Wiederherstellungsschlüssel des Kontos unter bot.recovery_key ein';
      return `${recover}; oder, wenn er verloren ist, setze einmal bot.reset_identity: true und bot.password, um die Identität zu ersetzen (wer den Bot verifiziert hat, muss ihn neu verifizieren).`;
    },
  },
  recovery_key_refused: {
    cause: ({ userId }) => `bot.recovery_key ist nicht der Wiederherstellungsschlüssel des Kontos ${userId}.`,
    remedy:
      'Trage den Wiederherstellungsschlüssel für den sicheren Speicher dieses Kontos ein, oder entferne die Einstellung.',
  },
  own_device_unsigned: {
    cause:
      'bot.trust steht auf signed, aber das Gerät des Bots ist nicht von der Identität seines Kontos signiert; darum gibt er keine Schlüssel weiter.',
    remedy: 'Das Log des Bots sagt beim Start, warum, und was dagegen zu tun ist.',
  },
  device_unsigned: {
    cause: 'Das nehme ich nur von Geräten an, die du verifiziert hast, und dieses ist keines.',
    remedy:
      'Verifiziere es mit einem anderen deiner Geräte oder mit deinem Wiederherstellungsschlüssel (in Element: Einstellungen → Verschlüsselung; in anderen Clients: „Dieses Gerät verifizieren“). Schick den Befehl danach noch einmal.',
  },
  room_unencrypted: {
    cause: 'Das nehme ich nur in verschlüsselten Räumen an, von Geräten, die du verifiziert hast.',
    remedy:
      'Öffne einen verschlüsselten Chat mit mir (in Element: mein Profil → Nachricht senden), an einem verifizierten Gerät, und schick es dort.',
  },
  reset_needs_password: {
    cause: 'Der Homeserver ersetzt die Identität des Bot-Kontos nur mit dessen Passwort.',
    remedy: 'Trage es unter bot.password ein; bot.access_token darf bleiben.',
  },
};
