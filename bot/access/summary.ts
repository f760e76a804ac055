import type { AccessPolicy } from './policy.ts';

/** Who may manage tokens, in one sentence for everybody: names of people are not given away. */
export function accessSentence(policy: AccessPolicy): string {
  if (!policy.byDefault) return 'People who are allowed by name may manage registration tokens.';
  return policy.accessDefault === 'homeserver'
    ? `Every user of ${policy.serverName} may manage registration tokens, because nobody is allowed by name.`
    : 'Nobody may manage registration tokens, because nobody is allowed by name.';
}

/** How to narrow the open default, with the command in backticks; undefined where the default is not in force. */
export function narrowingHint(policy: AccessPolicy): string | undefined {
  if (!policy.byDefault || policy.accessDefault !== 'homeserver') return undefined;
  return `To narrow it, name those who may: \`allow @somebody:${policy.serverName}\` (you are allowed along with them).`;
}

/** Who may, and how to narrow that where it is open: as plain text, for `status` and the log. */
export function renderAccess(policy: AccessPolicy): string {
  const hint = narrowingHint(policy);
  const sentence = accessSentence(policy);
  return hint === undefined ? sentence : `${sentence} ${hint.replaceAll(/`([^`]*)`/g, '“$1”')}`;
}
