import type { SET_UP_PROBLEMS } from '../setUp.ts';
import type { Translated } from './translated.ts';

export const SET_UP: Translated<keyof typeof SET_UP_PROBLEMS> = {
  nobody_to_ask: {
    cause: 'Es gibt etwas zu fragen, und hier lässt sich niemand fragen.',
    remedy:
      'Starte dies in einem Terminal, oder sieh dir die Optionen an: matrix-registration-bot init --help.',
  },
  server_name_invalid: {
    cause: ({ text }) => `${text} ist weder ein Servername noch eine Adresse.`,
    remedy: 'Schreibe zum Beispiel example.org oder https://matrix.example.org.',
  },
  server_address_invalid: {
    cause: ({ text }) => `${text} ist keine Adresse eines Homeservers.`,
    remedy: ({ hint }) => hint,
  },
  well_known_invalid: {
    cause: ({ file, text }) => `${file} nennt ${text}; das ist keine Adresse.`,
    remedy: 'Berichtige es, oder gib die Adresse des Homeservers selbst an.',
  },
  server_unusable: { cause: ({ why }) => why, remedy: '' },
  account_exists: {
    cause: ({ userId }) => `Das Konto ${userId} gibt es schon.`,
    remedy: 'Wähle einen anderen Namen, oder gib das Passwort dieses Kontos an.',
  },
  device_has_keys: {
    cause: ({ deviceId }) =>
      `Das Gerät ${deviceId} dieses Zugangstokens hat Schlüssel eines anderen Programms, die der Bot nicht nutzen kann.`,
    remedy: 'Gib Benutzername und Passwort des Kontos an, oder den Zugangstoken einer eigenen Anmeldung.',
  },
  config_exists: {
    cause: ({ file }) => `${file} gibt es schon; darum wurde nichts geändert.`,
    remedy: 'Nenne mit --config eine andere Datei, oder ersetze diese mit --force.',
  },
  folder_unusable: {
    cause: ({ what, folder, reason }) => `${what} ${folder} ist nicht benutzbar: ${reason}.`,
    remedy: 'Nenne einen anderen, oder lass den Benutzer, der dies ausführt, in ihn schreiben.',
  },
  nothing_to_migrate: {
    cause: ({ folder }) =>
      `In ${folder} ist nichts vom Python-Bot: weder config.yml noch config.toml noch session.txt.`,
    remedy:
      'Nenne mit --from seinen Ordner: den, in dem er lief, oder mit Docker den, der nach /data eingehängt war.',
  },
  old_file_unreadable: {
    cause: ({ file, reason }) => `${file} ist nicht lesbar (${reason}).`,
    remedy: 'Führe dies als ein Benutzer aus, der sie lesen darf, zum Beispiel als root.',
  },
  old_settings_invalid: {
    cause: ({ file, line }) =>
      `${file}, Zeile ${line} ist kein gültiges TOML; darum lässt sich die Liste der Zugelassenen nicht lesen.`,
    remedy:
      'Berichtige eine Kopie und nenne deren Ordner mit --from; oder schreibe die Leute in access.allow.',
  },
  copy_failed: {
    cause: ({ from, to, reason }) => `${from} lässt sich nicht nach ${to} kopieren: ${reason}.`,
    remedy: 'Führe dies als ein Benutzer aus, der das eine lesen und das andere schreiben darf.',
  },
};
