// The findings of `status` about encryption.

import type { Config } from '../config/config.ts';
import type { EncryptionStatus } from '../crypto/encryption.ts';
import { emojiText } from '../crypto/shownEmoji.ts';
import { type Finding, problemFinding } from './finding.ts';

const ABOUT = 'Encryption';

/** @param status undefined: encryption is off */
export function encryptionFindings(status: EncryptionStatus | undefined): Finding[] {
  if (status === undefined) {
    const text: Finding['text'] = ({ status: words }) => [words.encryptionOff];
    return [{ state: 'note', code: 'encryption_off', about: ABOUT, text }];
  }
  return [
    {
      state: 'ok',
      code: 'encryption_on',
      about: ABOUT,
      text: ({ status: words }) => [words.encryptionOn],
      detail: `${status.deviceId}, ${inGroups(status.fingerprint)}`,
    },
    identityFinding(status),
    ...status.verifications.map(
      (shown): Finding => ({
        state: 'note',
        code: 'verification',
        about: 'Verification',
        text: ({ status: words }) => [words.sameEmoji],
        detail: `${shown.userId}: ${emojiText(shown)}`,
      }),
    ),
  ];
}

function identityFinding({ recovery, problem }: EncryptionStatus): Finding {
  const about = 'Identity';
  if (problem !== undefined) return problemFinding(about, problem);
  return recovery === 'stored'
    ? { state: 'ok', code: 'identity_kept', about, text: ({ status }) => [status.identityKept] }
    : { state: 'note', code: 'identity_own', about, text: ({ status }) => [status.identityOwn] };
}

/** Which devices commands are taken from: `bot.trust`. */
export function trustFinding(trust: Config['bot']['trust']): Finding {
  const code = trust === 'signed' ? 'trust_signed' : 'trust_any';
  return { state: 'note', code, about: 'Devices', text: ({ status }) => [status.trust[trust]] };
}

/** In groups of four characters, as clients show it. */
function inGroups(fingerprint: string): string {
  return fingerprint.replace(/.{4}(?=.)/g, '$& ');
}
