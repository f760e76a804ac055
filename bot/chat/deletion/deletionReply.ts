import { count, formatDuration } from '../../../common/duration.ts';
import type { Problem } from '../../../common/problems/problem.ts';
import {
  type Block,
  bold,
  code,
  command,
  enumerate,
  type Inline,
  list,
  paragraph,
  type Rendered,
  render,
} from '../reply/document.ts';
import { tokenLine } from '../tokens/tokensReply.ts';
import type { DeletionDecision, DeletionScope, SeenToken } from './deletion.ts';

/** Most tokens listed in one message; the rest is given as a number. */
const MOST_SHOWN = 50;

const SCOPE_WORDS: Record<DeletionScope, string> = {
  named: '',
  all: '',
  expired: 'expired ',
  used: 'used up ',
};

export function renderNoneFound(unknown: readonly string[]): Rendered {
  return render(
    paragraph(
      'There is no token ',
      ...enumerate(unknown.map(code)),
      '. ',
      command('list'),
      ' shows those there are.',
    ),
  );
}

export function renderNothingToDelete(scope: DeletionScope): Rendered {
  return render(paragraph(`There are no ${SCOPE_WORDS[scope]}tokens to delete.`));
}

/** @param timeout ms */
export function renderPrompt(
  scope: DeletionScope,
  tokens: readonly SeenToken[],
  unknown: readonly string[],
  timeout: number,
): Rendered {
  const all = scope === 'all' && tokens.length > 1 ? 'ALL ' : '';
  const blocks: Block[] = [
    paragraph(bold(`Delete ${all}${count(tokens.length, `${SCOPE_WORDS[scope]}token`)}?`)),
    list([...tokens.slice(0, MOST_SHOWN).map(tokenLine), ...rest(tokens.length)]),
  ];
  if (unknown.length > 0) blocks.push(paragraph('There is no token ', ...enumerate(unknown.map(code)), '.'));
  blocks.push(
    paragraph(
      'React with ✅ to delete or ❌ to keep, or write ',
      command('confirm'),
      ' or ',
      command('cancel'),
      `, within ${formatDuration(timeout)}.`,
    ),
  );
  return render(...blocks);
}

export function renderDeleting(total: number, by: string): Rendered {
  return render(paragraph(`Deleting ${count(total, 'token')} … (confirmed by ${by})`));
}

/** @param failed why the rest was not deleted */
export function renderDeleted(
  decision: DeletionDecision,
  deleted: readonly string[],
  failed: Problem | undefined,
  by: string,
): Rendered {
  const { gone, kept } = decision;
  const blocks: Block[] = [];
  if (deleted.length > 0) {
    blocks.push(
      paragraph(`🗑️ Deleted ${count(deleted.length, 'token')}, confirmed by ${by}.`),
      tokenList(deleted),
    );
  } else if (failed?.transient) {
    // Without an answer, the homeserver may have deleted the token or not.
    blocks.push(paragraph(`Confirmed by ${by}, but the homeserver did not confirm any deletion.`));
  } else {
    blocks.push(paragraph(`Nothing was deleted. Confirmed by ${by}.`));
  }
  const done = new Set(deleted);
  const changed = decision.changed.filter(({ token }) => done.has(token));
  if (changed.length > 0) {
    blocks.push(
      paragraph('Changed since you were asked:'),
      list([
        ...changed.slice(0, MOST_SHOWN).map(({ token, what }) => [code(token), ` ${what}`]),
        ...rest(changed.length),
      ]),
    );
  }
  if (gone.length > 0) blocks.push(paragraph('Gone already:'), tokenList(gone));
  if (kept.length > 0) blocks.push(paragraph('Kept, because changed since you were asked:'), tokenList(kept));
  if (failed !== undefined) {
    const certain = !failed.transient;
    const what = certain ? 'Not all could be deleted. ' : 'Not all deletions were confirmed. ';
    const look = certain ? [] : [' Then send ', code('list'), ' to see which tokens are left.'];
    blocks.push(paragraph(bold(what), failed.sentence, ...look));
  }
  return render(...blocks);
}

export function renderCancelled(by: string, tokens: readonly SeenToken[]): Rendered {
  return render(paragraph(`Cancelled by ${by}. Nothing was deleted: `, ...stay(tokens)));
}

/** “I saw”: what counts is when the bot received the answer, not when it was sent. */
export function renderExpired(tokens: readonly SeenToken[]): Rendered {
  return render(
    paragraph('I saw no answer in time. Nothing was deleted: ', ...stay(tokens)),
    paragraph('Send the command again if you still want it.'),
  );
}

export function renderAccessLost(requester: string, tokens: readonly SeenToken[]): Rendered {
  return render(
    paragraph(`${requester} may not manage tokens any more. Nothing was deleted: `, ...stay(tokens)),
  );
}

/** Names the tokens: this text replaces the question that listed them. */
function stay(tokens: readonly SeenToken[]): Inline[] {
  const named = tokens.slice(0, 3).map(({ token }) => code(token));
  const more: Inline[] = tokens.length > 3 ? [`${tokens.length - 3} more`] : [];
  return [...enumerate([...named, ...more]), tokens.length === 1 ? ' stays.' : ' stay.'];
}

function tokenList(tokens: readonly string[]): Block {
  return list([
    ...tokens.slice(0, MOST_SHOWN).map((token): Inline[] => [code(token)]),
    ...rest(tokens.length),
  ]);
}

function rest(total: number): Inline[][] {
  return total > MOST_SHOWN ? [[`and ${total - MOST_SHOWN} more`]] : [];
}
