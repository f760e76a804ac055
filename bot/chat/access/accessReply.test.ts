import { describe, expect, test } from 'vitest';
import { type AccessDefault, AccessPolicy } from '../../access/policy.ts';
import { ENGLISH } from '../../words/en/english.ts';
import { paragraph, render } from '../reply/document.ts';
import { whomToAsk } from './accessReply.ts';

describe('the answer to a person without access names whom to ask', () => {
  test.each<[AccessDefault, string[], string]>([
    ['homeserver', [], 'Every user of x.org may manage registration tokens'],
    ['homeserver', [], 'If you need a token, ask one of them.'],
    ['nobody', [], 'If you need a token, ask the administrators of x.org.'],
    ['nobody', ['@admin:x.org'], 'If you need a token, ask the administrators of x.org.'],
    ['nobody', ['@admin:x.org'], 'ask somebody who may to send me “allow @me:y.org”.'],
  ])('default %s, allowed %j: %s', (accessDefault, allowed, words) => {
    const patterns = allowed.map((text) => ({ text, source: 'config' as const }));
    const policy = new AccessPolicy({ serverName: 'x.org', accessDefault, deny: [] }, patterns);
    const { body } = render(ENGLISH, paragraph(...whomToAsk(ENGLISH, policy, '@me:y.org')));
    expect(body).toContain(words);
    expect(body).not.toContain('admin:');
  });
});
