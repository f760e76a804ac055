// The checker of the kill tests finds each kind of fault.
import { expect, test } from 'vitest';
import { type DeletionEvidence, deletionFaultsIn, type Evidence, faultsIn } from './ledger.ts';

const good: Evidence = {
  asked: [
    { eventId: '$1', command: 'create', count: 1 },
    { eventId: '$2', command: 'create count=2', count: 2 },
  ],
  answers: [
    { to: '$1', body: 'New', tokens: ['a'] },
    { to: '$2', body: 'New', tokens: ['b', 'c'] },
  ],
  onServer: ['c', 'b', 'a'],
  audited: ['a', 'b', 'c'],
};
const [first, second] = good.answers as [Evidence['answers'][0], Evidence['answers'][0]];

test('finds nothing if everything is right', () => {
  expect(faultsIn(good)).toEqual([]);
});

test.each<[string, Partial<Evidence>, string]>([
  [
    'an orphan token',
    { onServer: ['a', 'b', 'c', 'orphan'] },
    'The token orphan exists, but no answer names it.',
  ],
  ['a double answer', { answers: [first, first, second] }, '“create” ($1) has 2 answers.'],
  [
    'a second answer with another token',
    { answers: [first, { ...first, tokens: ['d'] }, second] },
    '“create” ($1) has 2 answers.',
  ],
  ['a command without an answer', { answers: [first] }, '“create count=2” ($2) has 0 answers.'],
  ['a missing token', { onServer: ['a', 'b'] }, 'The token c was named, but does not exist.'],
  [
    'an answer that names too few tokens',
    { answers: [first, { ...second, tokens: ['b'] }] },
    'The answer to “create count=2” names 1 tokens: New',
  ],
  [
    'an answer to nothing',
    { answers: [first, second, { to: '$3', body: 'New', tokens: [] }] },
    'An answer to what nobody asked ($3): New',
  ],
  ['a creation recorded twice', { audited: ['a', 'a', 'b', 'c'] }, 'The creation of a was recorded twice.'],
  ['a creation not recorded', { audited: ['a', 'b'] }, 'The creation of c was not recorded.'],
  [
    'a recorded creation that no answer names',
    { audited: ['a', 'b', 'c', 'd'] },
    'The creation of d was recorded, but not told.',
  ],
])('%s is found', (_what, doctored, fault) => {
  expect(faultsIn({ ...good, ...doctored })).toContain(fault);
});

const deleted: DeletionEvidence = {
  asked: [{ eventId: '$1', tokens: ['a', 'b'], confirmId: '$2' }],
  answers: [
    { to: '$1', body: 'Delete 2 tokens?', tokens: ['a', 'b'] },
    { to: '$2', body: 'Deleted 2 tokens: a b', tokens: ['a', 'b'] },
  ],
  answerIds: ['$prompt', '$reply'],
  edits: [{ of: '$prompt', body: 'Deleted 2 tokens: a b' }],
  reactions: ['$yes', '$no'],
  redactions: ['$no', '$yes'],
  onServer: ['z'],
  audited: ['a', 'b'],
};
const [edit] = deleted.edits as [DeletionEvidence['edits'][0]];
const [prompt, reply] = deleted.answers as [Evidence['answers'][0], Evidence['answers'][0]];

test('finds nothing if all deletions are right', () => {
  expect(deletionFaultsIn(deleted)).toEqual([]);
});

test.each<[string, Partial<DeletionEvidence>, string]>([
  ['a second outcome', { edits: [edit, edit] }, 'The deletion $1 has 2 outcomes.'],
  ['no outcome', { edits: [] }, 'The deletion $1 has 0 outcomes.'],
  [
    'a second prompt',
    { answers: [prompt, reply, prompt], answerIds: ['$prompt', '$reply', '$other'] },
    'The deletion $1 has 2 prompts.',
  ],
  [
    'another outcome',
    { edits: [{ ...edit, body: 'Cancelled' }] },
    'The outcome is not that a,b were deleted: Cancelled',
  ],
  [
    'a token reported as gone that the bot deleted',
    { edits: [{ ...edit, body: 'Deleted 1 token: a. Gone already: b' }] },
    'The outcome is not that a,b were deleted: Deleted 1 token: a. Gone already: b',
  ],
  [
    'a typed word without an answer',
    { answers: [prompt], answerIds: ['$prompt'] },
    '“confirm” ($2) has 0 answers.',
  ],
  [
    'a typed word with another answer',
    { answers: [prompt, { ...reply, body: 'There is nothing to confirm.' }] },
    'The outcome is not that a,b were deleted: There is nothing to confirm.',
  ],
  ['a token that is still there', { onServer: ['b'] }, 'The token b still exists.'],
  ['a deletion recorded twice', { audited: ['a', 'b', 'b'] }, 'The deletion of b was recorded twice.'],
  ['a third reaction', { reactions: ['$yes', '$no', '$no2'] }, '1 deletions have 3 reactions.'],
  ['a reaction that is left', { redactions: ['$yes'] }, 'The reaction $no is left.'],
  ['a second redaction', { redactions: ['$yes', '$no', '$no'] }, 'The event $no was redacted twice.'],
  [
    'the redaction of something else',
    { redactions: ['$yes', '$no', '$prompt'] },
    'The event $prompt was redacted, and is no reaction.',
  ],
  ['a deletion not recorded', { audited: ['a'] }, 'The deletion of b was not recorded.'],
])('%s is found', (_what, doctored, fault) => {
  expect(deletionFaultsIn({ ...deleted, ...doctored })).toContain(fault);
});
