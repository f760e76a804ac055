// The findings of `status` about encryption.

import type { EncryptionStatus } from '../crypto/encryption.ts';
import { emojiText } from '../crypto/shownEmoji.ts';
import { type Finding, problemFinding } from './finding.ts';

const ABOUT = 'Encryption';

/** @param status undefined: encryption is off */
export function encryptionFindings(status: EncryptionStatus | undefined): Finding[] {
  if (status === undefined) {
    const text = 'off (bot.encryption is false). The bot can neither read nor write in encrypted rooms.';
    return [{ state: 'note', code: 'encryption_off', about: ABOUT, text }];
  }
  return [
    {
      state: 'ok',
      code: 'encryption_on',
      about: ABOUT,
      text: 'on. The bot’s device and its session key:',
      detail: `${status.deviceId}, ${inGroups(status.fingerprint)}`,
    },
    identityFinding(status),
    ...status.verifications.map(
      (shown): Finding => ({
        state: 'note',
        code: 'verification',
        about: 'Verification',
        text: 'whoever verifies the bot must see the same emoji.',
        detail: `${shown.userId}: ${emojiText(shown)}`,
      }),
    ),
  ];
}

function identityFinding({ recovery, problem }: EncryptionStatus): Finding {
  const about = 'Identity';
  if (problem !== undefined) return problemFinding(about, problem);
  return recovery === 'stored'
    ? {
        state: 'ok',
        code: 'identity_kept',
        about,
        text: 'the bot’s device is signed; bot.recovery_key brings the identity back should the data folder be lost.',
      }
    : {
        state: 'note',
        code: 'identity_own',
        about,
        text: 'the bot’s device is signed. Set bot.recovery_key to keep the identity should the data folder be lost.',
      };
}

/** In groups of four characters, as clients show it. */
function inGroups(fingerprint: string): string {
  return fingerprint.replace(/.{4}(?=.)/g, '$& ');
}
