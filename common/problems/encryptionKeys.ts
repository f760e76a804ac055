// End-to-end encryption: rooms, and the account's cross-signing identity.
import type { Entry } from './entry.ts';

export const ENCRYPTION_PROBLEMS = {
  encryption_off: {
    kind: 'refused',
    cause: ({ roomId }: { roomId: string }) =>
      `The room ${roomId} is encrypted, and the bot’s encryption is off.`,
    remedy: 'Set bot.encryption: true, or use an unencrypted room.',
  },
  room_too_big: {
    kind: 'refused',
    cause: ({ roomId, most }: { roomId: string; most: number }) =>
      `The encrypted room ${roomId} has more than ${most} members.`,
    remedy: 'Use a smaller room or one without encryption, or raise bot.most_members.',
  },
  algorithm_unknown: {
    kind: 'refused',
    cause: ({ roomId, algorithm }: { roomId: string; algorithm: string }) =>
      `The room ${roomId} is encrypted with ${algorithm}, which the bot does not support.`,
    remedy: 'Use another room.',
  },
  members_untold: {
    kind: 'homeserver_error',
    cause: ({ roomId }: { roomId: string }) =>
      `The homeserver did not list the members of the room ${roomId}.`,
    remedy: 'Look at its log and at the reverse proxy in front of it.',
  },
  encryption_answer_odd: {
    kind: 'homeserver_error',
    cause: ({ reason }: { reason: string }) =>
      `The encryption library can’t make anything of the homeserver’s answer: ${reason}.`,
    remedy: 'Look at the homeserver’s log and at the reverse proxy in front of it.',
  },
  identity_foreign: {
    kind: 'identity_foreign',
    cause: ({ userId }: { userId: string }) =>
      `The account ${userId} has a cross-signing identity whose private keys the bot does not have, so its device is not signed. Clients that trust only signed devices send it no keys.`,
    remedy: ({ hasRecoveryKey }: { hasRecoveryKey: boolean }) => {
      const recover = hasRecoveryKey
        ? 'bot.recovery_key does not open them: correct it'
        : 'Put the recovery key of the account under bot.recovery_key';
      return `${recover}; or, if it is lost, set bot.reset_identity: true and bot.password once to replace the identity (everybody who verified the bot must verify it again).`;
    },
  },
  recovery_key_refused: {
    kind: 'recovery_key_refused',
    cause: ({ userId }: { userId: string }) =>
      `bot.recovery_key is not the recovery key of the account ${userId}.`,
    remedy: 'Enter the recovery key of this account’s secret storage, or leave the setting out.',
  },
  own_device_unsigned: {
    kind: 'refused',
    cause:
      'bot.trust is signed, but the bot’s own device is not signed by its account’s identity, so it shares no keys.',
    remedy: 'The bot’s log says at its start why, and what to do about it.',
  },
  device_unsigned: {
    kind: 'refused',
    cause: 'I take this only from devices that you have verified, and this one is not.',
    remedy:
      'Verify it with another device of yours or with your recovery key (in Element: Settings → Encryption; in other clients look for “verify this device”). Then send the command again.',
  },
  room_unencrypted: {
    kind: 'refused',
    cause: 'I take this only in encrypted rooms, from devices that you have verified.',
    remedy:
      'Open an encrypted chat with me (in Element: my profile → Send message), from a verified device, and send it there.',
  },
  reset_needs_password: {
    kind: 'refused',
    cause: 'The homeserver replaces the identity of the bot’s account only with its password.',
    remedy: 'Set bot.password; bot.access_token can stay.',
  },
} as const satisfies Record<string, Entry>;
