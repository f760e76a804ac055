import type { Problem } from '../../../common/problems/problem.ts';
import { bold, code, enumerate, type Inline, inline } from '../../words/inline.ts';
import type { Words } from '../../words/words.ts';
import type { HowToAnswer } from '../confirmation/confirmations.ts';
import { type Block, list, paragraph, type Rendered, render } from '../reply/document.ts';
import { tokenLine } from '../tokens/tokensReply.ts';
import type { DeletionDecision, DeletionScope, SeenToken } from './deletion.ts';

/** Most tokens listed in one message; the rest is given as a number. */
const MOST_SHOWN = 50;

export function renderNoneFound(words: Words, unknown: readonly string[]): Rendered {
  return render(words, paragraph(...words.deletion.noneFound(named(words, unknown))));
}

export function renderNothingToDelete(words: Words, scope: DeletionScope): Rendered {
  return render(words, paragraph(words.deletion.nothingToDelete(scope)));
}

export function renderPrompt(
  words: Words,
  scope: DeletionScope,
  tokens: readonly SeenToken[],
  unknown: readonly string[],
  { timeout, byReaction }: HowToAnswer,
): Rendered {
  const { deletion, general } = words;
  const lines = tokens.slice(0, MOST_SHOWN).map((token) => tokenLine(words, token));
  const blocks: Block[] = [
    paragraph(bold(deletion.question(scope, tokens.length))),
    list([...lines, ...rest(words, tokens.length)]),
  ];
  if (unknown.length > 0) blocks.push(paragraph(...deletion.unknown(named(words, unknown))));
  blocks.push(paragraph(...deletion.howToAnswer(general.duration(timeout), byReaction)));
  return render(words, ...blocks);
}

export function renderDeleting(words: Words, total: number, by: string): Rendered {
  return render(words, paragraph(words.deletion.deleting(total, by)));
}

/** @param failed why the rest was not deleted */
export function renderDeleted(
  words: Words,
  decision: DeletionDecision,
  deleted: readonly string[],
  failed: Problem | undefined,
  by: string,
): Rendered {
  const { deletion } = words;
  const { gone, kept } = decision;
  const blocks: Block[] = [];
  if (deleted.length > 0) {
    blocks.push(paragraph(deletion.deleted(deleted.length, by)), tokenList(words, deleted));
  } else {
    // Without an answer, the homeserver may have deleted the token or not.
    blocks.push(paragraph(failed?.transient ? deletion.unconfirmed(by) : deletion.nothingDeleted(by)));
  }
  const done = new Set(deleted);
  const changed = decision.changed.filter(({ token }) => done.has(token));
  if (changed.length > 0) {
    const lines = changed.slice(0, MOST_SHOWN).map(({ token, what }) => [code(token), ` ${what}`]);
    blocks.push(paragraph(deletion.changedSince), list([...lines, ...rest(words, changed.length)]));
  }
  if (gone.length > 0) blocks.push(paragraph(deletion.gone), tokenList(words, gone));
  if (kept.length > 0) blocks.push(paragraph(deletion.kept), tokenList(words, kept));
  if (failed !== undefined) blocks.push(failureLine(words, failed));
  return render(words, ...blocks);
}

function failureLine({ deletion, general }: Words, failed: Problem): Block {
  const what = failed.transient ? deletion.notAllConfirmed : deletion.notAllDeleted;
  const look = failed.transient ? deletion.lookAfterwards : [];
  return paragraph(bold(what), ...inline(general.problem(failed)), ...look);
}

export function renderCancelled(words: Words, by: string, tokens: readonly SeenToken[]): Rendered {
  return render(words, paragraph(words.deletion.cancelled(by), ...stay(words, tokens)));
}

export function renderExpired(words: Words, tokens: readonly SeenToken[]): Rendered {
  const { deletion } = words;
  return render(words, paragraph(deletion.expired, ...stay(words, tokens)), paragraph(deletion.askAgain));
}

export function renderAccessLost(words: Words, requester: string, tokens: readonly SeenToken[]): Rendered {
  return render(words, paragraph(words.deletion.accessLost(requester), ...stay(words, tokens)));
}

/** Names the tokens: this text replaces the question that listed them. */
function stay({ deletion, general }: Words, tokens: readonly SeenToken[]): Inline[] {
  const first = tokens.slice(0, 3).map(({ token }) => code(token));
  const more: Inline[] = tokens.length > 3 ? [deletion.more(tokens.length - 3)] : [];
  return [...enumerate([...first, ...more], general.and), deletion.stay(tokens.length)];
}

function named({ general }: Words, tokens: readonly string[]): Inline[] {
  return enumerate(tokens.map(code), general.and);
}

function tokenList(words: Words, tokens: readonly string[]): Block {
  return list([
    ...tokens.slice(0, MOST_SHOWN).map((token): Inline[] => [code(token)]),
    ...rest(words, tokens.length),
  ]);
}

function rest({ deletion }: Words, total: number): Inline[][] {
  return total > MOST_SHOWN ? [[deletion.andMore(total - MOST_SHOWN)]] : [];
}
