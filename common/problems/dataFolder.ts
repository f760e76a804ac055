// The data folder and the files in it.
import type { Entry } from './entry.ts';

const kind = 'data_dir_unusable';

// Never restore an older copy: the device would encrypt with message keys that it has already used.
const NO_OLDER_COPY =
  'Move the file away, and the bot starts with a new device. Don’t put back an older copy: it would use the same message keys again.';

interface File {
  file: string;
  reason: string;
}
interface Versions {
  schema: number;
  known: number;
}

const newer = (name: string, { schema, known }: Versions) =>
  `The ${name} was written by a newer version of the bot (schema ${schema}, this one knows ${known}).`;

export const DATA_FOLDER_PROBLEMS = {
  data_dir_in_use: {
    kind: 'data_dir_in_use',
    cause: ({ dataDir }: { dataDir: string }) =>
      `Another instance of the bot is running on the data folder ${dataDir}.`,
    remedy: 'Stop it first, or give this one a folder of its own (bot.data_dir).',
  },
  data_dir_unusable: {
    kind,
    cause: ({ dataDir, reason }: { dataDir: string; reason: string }) =>
      `The data folder ${dataDir} can’t be used: ${reason}.`,
    remedy:
      'Check that it exists, that the bot may write to it and that the disk is not full (bot.data_dir).',
  },
  data_dir_unwritable: {
    kind,
    cause: ({ reason }: { reason: string }) => `The data folder can’t be written to: ${reason}.`,
    remedy: 'Make room on its disk, or make it writable (bot.data_dir): the bot then continues by itself.',
  },
  keys_unwritable: {
    kind,
    cause: ({ reason }: { reason: string }) =>
      `The encryption keys can’t be written to crypto.sqlite in the data folder: ${reason}.`,
    remedy:
      'Make room on its disk, or make it writable (bot.data_dir), and restart the bot: it then continues where it stopped.',
  },
  data_dir_of_another: {
    kind,
    cause: ({ dataDir, owner, userId }: { dataDir: string; owner: string; userId: string }) =>
      `The data folder ${dataDir} belongs to the account ${owner}, but the bot is ${userId} now.`,
    remedy: 'Give this account a folder of its own (bot.data_dir), or move the old one away.',
  },
  state_file_damaged: {
    kind,
    cause: ({ file, reason }: File) => `The state file ${file} is damaged: ${reason}.`,
    remedy:
      'Restore a backup of the data folder; or move the file away to start over, and then allow again the people who were allowed by command.',
  },
  state_file_newer: {
    kind,
    cause: (versions: Versions) => newer('state file', versions),
    remedy: 'Run the newer version again, or restore a backup of the data folder made with this one.',
  },
  crypto_store_damaged: {
    kind,
    cause: ({ file, reason }: File) => `The crypto store ${file} is damaged: ${reason}.`,
    remedy: NO_OLDER_COPY,
  },
  crypto_store_newer: {
    kind,
    cause: (versions: Versions) => newer('crypto store', versions),
    remedy: `Run the newer version again. Or: ${NO_OLDER_COPY}`,
  },
  crypto_store_foreign: {
    kind,
    cause: ({ file }: { file: string }) =>
      `The file ${file} is another program’s database, not a crypto store of this bot.`,
    remedy: 'Give the bot a data folder of its own (bot.data_dir), or move that file away.',
  },
} as const satisfies Record<string, Entry>;
