import { expect, test } from 'vitest';
import { Store } from '../store/store.ts';
import { AccessControl } from './accessControl.ts';
import { AllowList } from './allowList.ts';

const alice = { userId: '@alice:example.org', via: 'chat' } as const;

function open() {
  const store = new Store(':memory:');
  const clock = () => 1;
  const allowList = new AllowList({
    rules: { serverName: 'example.org', accessDefault: 'homeserver', deny: [] },
    configured: [],
    table: store.allowed,
    clock,
  });
  const log = { info: () => undefined, error: () => undefined };
  return { store, access: new AccessControl({ allowList, audit: store.audit, clock, log }) };
}

test('a person without access learns whom to ask', () => {
  const { access } = open();
  expect(access.require(alice)).toEqual(alice);
  expect(() => access.require({ userId: '@mallory:elsewhere.org', via: 'widget' })).toThrow(
    expect.objectContaining({
      kind: 'not_allowed',
      remedy: expect.stringContaining('allow @mallory:elsewhere.org'),
    }),
  );
});

test('changes are recorded once for a request, and emitted', () => {
  const { access, store } = open();
  const patterns: string[][] = [];
  access.changes.listen(() => patterns.push(access.policy.patterns.map(({ text }) => text)));
  const by = access.require(alice);
  access.allow(by, ['@bob:example.org'], '$allow');
  access.allow(by, ['@bob:example.org'], '$allow');
  access.disallow(by, ['@bob:example.org'], '$disallow', false);
  expect(patterns).toEqual([['@bob:example.org', alice.userId], [alice.userId]]);
  expect(store.audit.latest(10).map(({ action, subject }) => `${action} ${subject}`)).toEqual([
    'disallow @bob:example.org',
    `allow ${alice.userId}`,
    'allow @bob:example.org',
  ]);
});

test('the homeserver is opened to all only if that is confirmed', () => {
  const { access, store } = open();
  const by = access.require(alice);
  access.allow(by, ['@bob:example.org'], '$allow');
  const all = ['@bob:example.org', alice.userId];
  expect(access.wouldOpen(by, ['@bob:example.org'])).toBe(false);
  expect(access.wouldOpen(by, all)).toBe(true);
  expect(() => access.disallow(by, all, '$disallow', false)).toThrow(
    expect.objectContaining({ code: 'access_would_open', http: expect.objectContaining({ status: 409 }) }),
  );
  expect(access.policy.patterns).toHaveLength(2);
  expect(store.audit.has('disallow', alice.userId, '$disallow')).toBe(false);
  access.disallow(by, all, '$disallow', true);
  expect(access.policy.isOpen).toBe(true);
});
