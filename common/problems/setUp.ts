// About the commands `init` and `migrate`.
import type { Entry } from './entry.ts';

export const SET_UP_PROBLEMS = {
  nobody_to_ask: {
    kind: 'invalid_input',
    cause: 'Something has to be asked, and nobody can be asked here.',
    remedy: 'Run this in a terminal, or look at the options: matrix-registration-bot init --help.',
  },
  server_name_invalid: {
    kind: 'invalid_input',
    cause: ({ text }: { text: string }) => `${text} is neither a server name nor an address.`,
    remedy: 'Write for example example.org or https://matrix.example.org.',
  },
  server_address_invalid: {
    kind: 'invalid_input',
    cause: ({ text }: { text: string }) => `${text} is no address of a homeserver.`,
    remedy: ({ hint }: { hint: string }) => hint,
  },
  well_known_invalid: {
    kind: 'homeserver_error',
    cause: ({ file, text }: { file: string; text: string }) => `${file} names ${text}, which is no address.`,
    remedy: 'Correct it, or give the homeserver’s address itself.',
  },
  server_unusable: {
    kind: 'homeserver_error',
    cause: ({ why }: { why: string }) => why,
    remedy: '',
  },
  account_exists: {
    kind: 'refused',
    cause: ({ userId }: { userId: string }) => `The account ${userId} is there already.`,
    remedy: 'Choose another name, or give the password of this one.',
  },
  device_has_keys: {
    kind: 'refused',
    cause: ({ deviceId }: { deviceId: string }) =>
      `The device ${deviceId} of this access token has encryption keys of another program, which the bot can’t use.`,
    remedy: 'Give the account’s user name and password, or an access token of a login of its own.',
  },
  config_exists: {
    kind: 'refused',
    cause: ({ file }: { file: string }) => `${file} is there already, so nothing was changed.`,
    remedy: 'Name another file with --config, or replace this one with --force.',
  },
  folder_unusable: {
    kind: 'data_dir_unusable',
    cause: ({ what, folder, reason }: { what: string; folder: string; reason: string }) =>
      `${what} ${folder} can’t be used: ${reason}.`,
    remedy: 'Name another one, or let the user who runs this write to it.',
  },
  nothing_to_migrate: {
    kind: 'invalid_input',
    cause: ({ folder }: { folder: string }) =>
      `There is nothing of the Python bot in ${folder}: no config.yml, config.toml or session.txt.`,
    remedy: 'Name its folder with --from: the one that it ran in, or with Docker the one mounted to /data.',
  },
  old_file_unreadable: {
    kind: 'invalid_input',
    cause: ({ file, reason }: { file: string; reason: string }) => `${file} is ${reason}.`,
    remedy: 'Run this as a user that may read it, such as root.',
  },
  old_settings_invalid: {
    kind: 'invalid_input',
    cause: ({ file, line }: { file: string; line: number }) =>
      `${file}, line ${line} is not valid TOML, so its allow list can’t be read.`,
    remedy:
      'Correct a copy of it, and name the folder of the copy with --from; or write the people into access.allow.',
  },
  copy_failed: {
    kind: 'invalid_input',
    cause: ({ from, to, reason }: { from: string; to: string; reason: string }) =>
      `${from} can’t be copied to ${to}: ${reason}.`,
    remedy: 'Run this as a user that may read the one and write the other.',
  },
} as const satisfies Record<string, Entry>;
