import { Problem } from '../../../common/problems/problem.ts';
import type { AllowOutcome, DisallowOutcome } from '../../access/allowList.ts';
import type { AccessPolicy, AllowedPattern } from '../../access/policy.ts';
import { bold, code, enumerate, type Inline } from '../../words/inline.ts';
import type { Words } from '../../words/words.ts';
import type { HowToAnswer } from '../confirmation/confirmations.ts';
import { type Block, list, paragraph, type Rendered, render } from '../reply/document.ts';
import { absoluteTime } from '../reply/time.ts';

/** For a person without access: who may manage tokens, and whom to ask. Names no people. */
export function whomToAsk({ access }: Words, policy: AccessPolicy, userId: string): Inline[] {
  return [
    ...access.sentence(policy),
    ...(policy.isOpen ? access.askOneOfThem : access.askAdministrators(policy.serverName)),
    ...(policy.byDefault ? [] : access.askToBeAllowed(userId)),
  ];
}

export function renderAllowOutcome(words: Words, outcome: AllowOutcome, policy: AccessPolicy): Rendered {
  const { access } = words;
  const { added, already, alsoAdded } = outcome;
  const blocks: Block[] = [];
  if (added.length > 0) blocks.push(paragraph(...access.allowed(names(words, added))));
  if (already.length > 0) blocks.push(paragraph(...access.already(names(words, already))));
  if (alsoAdded !== undefined) blocks.push(paragraph(...access.alsoAdded(alsoAdded)));
  if (added.length > 0) blocks.push(paragraph(...access.inAll(policy.patterns.length)));
  return render(words, ...blocks);
}

export function renderDisallowOutcome(
  words: Words,
  outcome: DisallowOutcome,
  policy: AccessPolicy,
): Rendered {
  const removed = paragraph(...words.access.removed(names(words, outcome.removed)));
  return render(words, removed, ...(outcome.backToDefault ? defaultAccess(words, policy) : []));
}

export function renderOpenQuestion(
  words: Words,
  patterns: readonly string[],
  serverName: string,
  { timeout, byReaction }: HowToAnswer,
): Rendered {
  const { access, general } = words;
  return render(
    words,
    paragraph(bold(access.openQuestion(serverName))),
    paragraph(...access.wouldBeLast(names(words, patterns))),
    paragraph(...access.howToAnswer(general.duration(timeout), byReaction)),
  );
}

/** @param why the list stays as it is */
export function renderKept(
  words: Words,
  why: 'cancelled' | 'expired' | 'access_lost' | Problem,
  patterns: readonly string[],
  requester: string,
): Rendered {
  const { access, deletion, general } = words;
  if (why instanceof Problem) {
    return render(words, paragraph(access.confirmedBy(requester), general.problem(why)));
  }
  const kept = paragraph(access.unchanged[why](requester), ...access.listStays(names(words, patterns)));
  return render(words, kept, ...(why === 'expired' ? [paragraph(deletion.askAgain)] : []));
}

export function renderAllowed(words: Words, policy: AccessPolicy): Rendered {
  if (policy.byDefault) {
    return render(words, ...defaultAccess(words, policy), ...(policy.isOpen ? noPeople(words, policy) : []));
  }
  return render(
    words,
    paragraph(words.access.these),
    list(policy.patterns.map((pattern) => line(words, pattern))),
    ...noPeople(words, policy),
  );
}

function line({ access }: Words, { text, source, addedBy, addedAt }: AllowedPattern): Inline[] {
  if (source === 'config' || addedBy === undefined || addedAt === undefined)
    return [code(text), access.fromConfiguration];
  return [code(text), access.allowedBy(addedBy, absoluteTime(addedAt))];
}

function noPeople(words: Words, { deny }: AccessPolicy): Block[] {
  return [paragraph(...words.access.noPeople(names(words, deny)))];
}

function defaultAccess({ access }: Words, policy: AccessPolicy): Block[] {
  const sentence = paragraph(...access.sentence(policy));
  return policy.isOpen ? [sentence, paragraph(...access.narrowing(policy.serverName))] : [sentence];
}

function names({ general }: Words, patterns: readonly string[]): Inline[] {
  return enumerate(patterns.map(code), general.and);
}
