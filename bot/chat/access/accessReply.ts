import type { AllowOutcome, DisallowOutcome } from '../../access/allowList.ts';
import type { AccessPolicy, AllowedPattern } from '../../access/policy.ts';
import { isOpenToServer } from '../../access/summary.ts';
import { code, enumerate, type Inline } from '../../words/inline.ts';
import type { Words } from '../../words/words.ts';
import { type Block, list, paragraph, type Rendered, render } from '../reply/document.ts';
import { absoluteTime } from '../reply/time.ts';

/** For a person without access: who may manage tokens, and whom to ask. Names no people. */
export function whomToAsk({ access }: Words, policy: AccessPolicy, userId: string): Inline[] {
  return [
    ...access.sentence(policy),
    ...(isOpenToServer(policy) ? access.askOneOfThem : access.askAdministrators(policy.serverName)),
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

export function renderAllowed(words: Words, policy: AccessPolicy): Rendered {
  if (policy.byDefault) return render(words, ...defaultAccess(words, policy));
  return render(
    words,
    paragraph(words.access.these),
    list(policy.patterns.map((pattern) => line(words, pattern))),
  );
}

function line({ access }: Words, { text, source, addedBy, addedAt }: AllowedPattern): Inline[] {
  if (source === 'config' || addedBy === undefined || addedAt === undefined)
    return [code(text), access.fromConfiguration];
  return [code(text), access.allowedBy(addedBy, absoluteTime(addedAt))];
}

function defaultAccess({ access }: Words, policy: AccessPolicy): Block[] {
  const sentence = paragraph(...access.sentence(policy));
  return isOpenToServer(policy) ? [sentence, paragraph(...access.narrowing(policy.serverName))] : [sentence];
}

function names({ general }: Words, patterns: readonly string[]): Inline[] {
  return enumerate(patterns.map(code), general.and);
}
