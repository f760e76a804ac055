import type { AccessPolicy } from './policy.ts';

/** Who may manage tokens, in one sentence. Names nobody, because everybody may read it. */
export function accessSentence(policy: AccessPolicy): string {
  if (!policy.byDefault) return 'People who are allowed by name may manage registration tokens.';
  return policy.accessDefault === 'homeserver'
    ? `Every user of ${policy.serverName} may manage registration tokens, because nobody is allowed by name.`
    : 'Nobody may manage registration tokens, because nobody is allowed by name.';
}

/** How to restrict the open default, with the command in backticks; undefined if the default does not apply. */
export function narrowingHint(policy: AccessPolicy): string | undefined {
  if (!policy.byDefault || policy.accessDefault !== 'homeserver') return undefined;
  return `To narrow it, allow people by name: \`allow @somebody:${policy.serverName}\` (you are added too).`;
}

/** `accessSentence` and `narrowingHint` as plain text, for `status` and the log. */
export function renderAccess(policy: AccessPolicy): string {
  const hint = narrowingHint(policy);
  const sentence = accessSentence(policy);
  return hint === undefined ? sentence : `${sentence} ${hint.replaceAll(/`([^`]*)`/g, '“$1”')}`;
}
