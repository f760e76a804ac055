import { expect, test } from 'vitest';
import { ENGLISH } from '../../words/en/english.ts';
import { renderUnreadable } from './unreadableReply.ts';

test.each([
  [undefined, undefined, /has not reached me\. Please send it again/],
  ['m.unavailable', undefined, /has not reached me\. Please send it again/],
  [
    'm.unverified',
    undefined,
    /only to verified devices.*Verify me: in Element, .* Then send your message again/s,
  ],
  ['m.unverified', 'no access', /only to verified devices.*Only people with access can verify me\. Allow/s],
  [
    'm.unverified',
    'bot not signed',
    /only to verified devices.*Verifying me does not help: .*Allow unverified/s,
  ],
  ['m.blacklisted', undefined, /blocked my device in your app\. Unblock it/],
  ['m.unauthorised', undefined, /its key is not for me.*send it again/],
  ['m.no_olm', undefined, /could not set up encryption with my device\. Restart the app/],
] as const)('withheld: %s, why not verify: %s', (withheld, whyNotVerify, text) => {
  const { body } = renderUnreadable(ENGLISH, withheld, whyNotVerify);
  expect(body).toMatch(text);
  expect(body).toMatch(/^I can’t read what you sent: /);
});
