import { expect, test } from 'vitest';
import { serverNameOf } from './userId.ts';

test.each([
  ['@alice:example.org', 'example.org'],
  ['@alice:example.org:8448', 'example.org:8448'],
  ['@alice:[2001:db8::1]:8448', '[2001:db8::1]:8448'],
  ['@:example.org', 'example.org'],
  ['@a:b:example.org', undefined],
  ['alice:example.org', undefined],
  ['@alice', undefined],
  ['@alice:', undefined],
  ['@alice:exa mple.org', undefined],
  ['@alice:example.org:port', undefined],
  ['!room:example.org', undefined],
  [`@alice:${'a'.repeat(256)}`, undefined],
])('the server of %s is %s', (userId, server) => {
  expect(serverNameOf(userId)).toBe(server);
});
