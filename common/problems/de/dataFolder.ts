import type { DATA_FOLDER_PROBLEMS } from '../dataFolder.ts';
import type { Translated } from './translated.ts';

const NO_OLDER_COPY =
  'Verschiebe die Datei, dann startet der Bot mit einem neuen Gerät. Spiele keine ältere Kopie ein: Sie würde dieselben Nachrichtenschlüssel noch einmal benutzen.';
const OWN_FOLDER = 'Gib dem Bot einen eigenen Datenordner (bot.data_dir)';

const newer = (name: string, { schema, known }: { schema: number; known: number }) =>
  `${name} wurde von einer neueren Version des Bots geschrieben (Schema ${schema}, diese kennt ${known}).`;

export const DATA_FOLDER: Translated<keyof typeof DATA_FOLDER_PROBLEMS> = {
  data_dir_in_use: {
    cause: ({ dataDir }) => `Mit dem Datenordner ${dataDir} läuft schon ein anderer Bot.`,
    remedy: 'Halte ihn zuerst an, oder gib diesem einen eigenen Ordner (bot.data_dir).',
  },
  data_dir_unusable: {
    cause: ({ dataDir, reason }) => `Der Datenordner ${dataDir} ist nicht benutzbar: ${reason}.`,
    remedy:
      'Prüfe, ob es ihn gibt, ob der Bot in ihn schreiben darf und ob der Datenträger nicht voll ist (bot.data_dir).',
  },
  data_dir_unwritable: {
    cause: ({ reason }) => `In den Datenordner lässt sich nicht schreiben: ${reason}.`,
    remedy:
      'Schaffe Platz auf seinem Datenträger oder mache ihn beschreibbar (bot.data_dir): Dann geht es von selbst weiter.',
  },
  keys_unwritable: {
    cause: ({ reason }) =>
      `Die Schlüssel lassen sich nicht in crypto.sqlite im Datenordner schreiben: ${reason}.`,
    remedy:
      'Schaffe Platz auf seinem Datenträger oder mache ihn beschreibbar (bot.data_dir), und starte den Bot neu: Er macht dann weiter, wo er aufgehört hat.',
  },
  data_dir_of_another: {
    cause: ({ dataDir, owner, userId }) =>
      `Der Datenordner ${dataDir} gehört zum Konto ${owner}, aber der Bot ist jetzt ${userId}.`,
    remedy: `${OWN_FOLDER}, oder verschiebe den alten.`,
  },
  state_file_damaged: {
    cause: ({ file, reason }) => `Die Zustandsdatei ${file} ist beschädigt: ${reason}.`,
    remedy:
      'Spiele eine Sicherung des Datenordners ein; oder verschiebe die Datei, um neu zu beginnen, und lass die per Befehl Zugelassenen noch einmal zu.',
  },
  state_file_newer: {
    cause: (params) => newer('Die Zustandsdatei', params),
    remedy:
      'Starte wieder die neuere Version, oder spiele eine Sicherung des Datenordners ein, die mit dieser gemacht wurde.',
  },
  crypto_store_damaged: {
    cause: ({ file, reason }) => `Der Schlüsselspeicher ${file} ist beschädigt: ${reason}.`,
    remedy: NO_OLDER_COPY,
  },
  crypto_store_newer: {
    cause: (params) => newer('Der Schlüsselspeicher', params),
    remedy: `Starte wieder die neuere Version. Oder: ${NO_OLDER_COPY}`,
  },
  crypto_store_foreign: {
    cause: ({ file }) =>
      `Die Datei ${file} ist die Datenbank eines anderen Programms, kein Schlüsselspeicher dieses Bots.`,
    remedy: `${OWN_FOLDER}, oder verschiebe diese Datei.`,
  },
};
