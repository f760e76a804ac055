// About end-to-end encryption: rooms, the account's identity, and the keys, without which the bot ends.
import type { Entry } from './entry.ts';

const keys = 'encryption_keys_unusable';

/** With a password the bot can become a new device by itself. */
interface Keys {
  canLogIn: boolean;
}

function newDevice({ canLogIn }: Keys): string {
  return canLogIn
    ? 'Stop the bot and move crypto.sqlite (with crypto.sqlite-wal and crypto.sqlite-shm) out of the data folder: at the next start the bot logs in as a new device.'
    : 'Log in anew (a login of its own for the bot), put that access token under bot.access_token, and move crypto.sqlite (with crypto.sqlite-wal and crypto.sqlite-shm) out of the data folder.';
}

export const ENCRYPTION_PROBLEMS = {
  encryption_off: {
    kind: 'refused',
    cause: ({ roomId }: { roomId: string }) =>
      `The room ${roomId} is encrypted, and the bot’s encryption is off.`,
    remedy: 'Set bot.encryption: true, or use an unencrypted room.',
  },
  algorithm_unknown: {
    kind: 'refused',
    cause: ({ roomId, algorithm }: { roomId: string; algorithm: string }) =>
      `The room ${roomId} is encrypted with ${algorithm}, which the bot does not know.`,
    remedy: 'Use another room.',
  },
  members_untold: {
    kind: 'homeserver_error',
    cause: ({ roomId }: { roomId: string }) => `The homeserver did not say who is in the room ${roomId}.`,
    remedy: 'Look at its log and at the reverse proxy in front of it.',
  },
  encryption_answer_odd: {
    kind: 'homeserver_error',
    cause: ({ reason }: { reason: string }) =>
      `The machine of encryption can’t make anything of the homeserver’s answer: ${reason}.`,
    remedy: 'Look at the homeserver’s log and at the reverse proxy in front of it.',
  },
  identity_foreign: {
    kind: 'identity_foreign',
    cause: ({ userId }: { userId: string }) =>
      `The account ${userId} has a cross-signing identity whose private keys the bot does not have, so that its device is not signed: clients that talk only to signed devices send it no keys.`,
    remedy: ({ hasRecoveryKey }: { hasRecoveryKey: boolean }) => {
      const recover = hasRecoveryKey
        ? 'bot.recovery_key does not open them: correct it'
        : 'Put the recovery key of the account under bot.recovery_key';
      return `${recover}; or, if it is lost, set bot.reset_identity: true and bot.password once to replace the identity (whoever verified the bot does that again).`;
    },
  },
  recovery_key_refused: {
    kind: 'recovery_key_refused',
    cause: ({ userId }: { userId: string }) =>
      `bot.recovery_key is not the recovery key of the account ${userId}.`,
    remedy:
      'Put in the key with which the secret storage of this account was set up, or leave the setting out.',
  },
  reset_needs_password: {
    kind: 'refused',
    cause: 'The homeserver replaces the identity of the bot’s account only with its password.',
    remedy: 'Put it under bot.password; bot.access_token may stay.',
  },
  keys_without_device: {
    kind: keys,
    cause: ({ userId }: { userId: string }) =>
      `The bot’s access token belongs to no device of ${userId}, and encryption needs one.`,
    remedy: 'Use a token from an ordinary login, or the password, or set bot.encryption: false.',
  },
  keys_of_another_account: {
    kind: keys,
    cause: ({ owner, userId }: { owner: string; userId: string }) =>
      `The encryption keys in the data folder belong to the account ${owner}, but the bot is ${userId}.`,
    remedy: newDevice,
  },
  keys_lost: {
    kind: keys,
    cause: ({ deviceId }: { deviceId: string }) =>
      `The data folder does not have the encryption keys of the bot’s device ${deviceId}, which the homeserver has: they are lost, or the device is another client’s.`,
    remedy: newDevice,
  },
  keys_differ: {
    kind: keys,
    cause: ({ deviceId }: { deviceId: string }) =>
      `The encryption keys in the data folder are not those that the homeserver has of the bot’s device ${deviceId}.`,
    remedy: newDevice,
  },
  keys_outdated: {
    kind: keys,
    cause:
      'The encryption keys in the data folder are outdated: crypto.sqlite is a copy of before the bot’s last start, from a backup, or another process uses one. With them, the bot would encrypt with the same keys again.',
    remedy: newDevice,
  },
  keys_older_than_published: {
    kind: keys,
    cause:
      'The homeserver refuses the bot’s encryption keys, because it has newer ones of the same device: crypto.sqlite in the data folder was restored from a backup, or another process uses a copy of it.',
    remedy: newDevice,
  },
} as const satisfies Record<string, Entry>;
