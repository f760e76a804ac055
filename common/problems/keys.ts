// About the bot's encryption keys. With these problems it ends, with status 3.
import type { Entry } from './entry.ts';

const kind = 'encryption_keys_unusable';

/** With a password the bot can become a new device by itself. */
interface Keys {
  canLogIn: boolean;
}

function newDevice({ canLogIn }: Keys): string {
  return canLogIn
    ? 'Stop the bot and move crypto.sqlite (with crypto.sqlite-wal and crypto.sqlite-shm) out of the data folder: at the next start the bot logs in as a new device.'
    : 'Log in anew (a login of its own for the bot), put that access token under bot.access_token, and move crypto.sqlite (with crypto.sqlite-wal and crypto.sqlite-shm) out of the data folder.';
}

export const KEY_PROBLEMS = {
  keys_without_device: {
    kind,
    cause: ({ userId }: { userId: string }) =>
      `The bot’s access token belongs to no device of ${userId}, and encryption needs one.`,
    remedy: 'Use a token from an ordinary login, or the password, or set bot.encryption: false.',
  },
  keys_of_another_account: {
    kind,
    cause: ({ owner, userId }: { owner: string; userId: string }) =>
      `The encryption keys in the data folder belong to the account ${owner}, but the bot is ${userId}.`,
    remedy: newDevice,
  },
  keys_lost: {
    kind,
    cause: ({ deviceId }: { deviceId: string }) =>
      `The data folder does not have the encryption keys of the bot’s device ${deviceId}, which the homeserver has: they are lost, or the device is another client’s.`,
    remedy: newDevice,
  },
  keys_differ: {
    kind,
    cause: ({ deviceId }: { deviceId: string }) =>
      `The encryption keys in the data folder are not those that the homeserver has of the bot’s device ${deviceId}.`,
    remedy: newDevice,
  },
  keys_outdated: {
    kind,
    cause:
      'The encryption keys in the data folder are outdated: crypto.sqlite is a copy of before the bot’s last start, or of an earlier hour, from a backup, or another process uses one. With them, the bot would encrypt with the same keys again.',
    remedy: newDevice,
  },
  keys_older_than_published: {
    kind,
    cause:
      'The homeserver refuses the bot’s encryption keys, because it has newer ones of the same device: crypto.sqlite in the data folder was restored from a backup, or another process uses a copy of it.',
    remedy: newDevice,
  },
} as const satisfies Record<string, Entry>;
