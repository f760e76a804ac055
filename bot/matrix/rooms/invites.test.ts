import { describe, expect, test } from 'vitest';
import { type AcceptInvites, isInviteAccepted } from './invites.ts';

const LOCAL = '@local:example.org';
const REMOTE = '@remote:elsewhere.org';
const FRIEND = '@friend:elsewhere.org';

describe('an invite', () => {
  test.each<[AcceptInvites, string[]]>([
    ['homeserver', [LOCAL, FRIEND]],
    ['allowed', [FRIEND]],
    ['anyone', [LOCAL, REMOTE, FRIEND, 'nonsense']],
  ])('with accept_invites: %s is accepted from %j', (accept, accepted) => {
    const inviters = [LOCAL, REMOTE, FRIEND, '@x:example.org.evil.org', 'nonsense'];
    const hasAccess = (userId: string) => userId === FRIEND;
    const result = inviters.filter((inviter) => isInviteAccepted(inviter, accept, 'example.org', hasAccess));
    expect(result.filter((inviter) => inviter !== '@x:example.org.evil.org')).toEqual(accepted);
    expect(result.includes('@x:example.org.evil.org')).toBe(accept === 'anyone');
  });

  test.each<[AcceptInvites, boolean]>([
    ['homeserver', false],
    ['allowed', false],
    ['anyone', true],
  ])(
    'of nobody knows whom is a stranger’s, with accept_invites: %s and access for all',
    (accept, accepted) => {
      expect(isInviteAccepted(undefined, accept, 'example.org', () => true)).toBe(accepted);
    },
  );
});
