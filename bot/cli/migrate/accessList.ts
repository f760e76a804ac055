// Which of the Python bot's allow list goes into ours. Nobody gets more than they had: where the old bot had somebody
// blocked, patterns that may match them stay out.
import { compilePattern, isPlainUserId } from '../../access/patterns.ts';
import type { Note } from './notes.ts';
import type { OldSettings } from './oldFiles.ts';
import { isWrapped, translate } from './oldPattern.ts';

export interface AccessPlan {
  readonly patterns: readonly string[];
  readonly notes: readonly Note[];
}

export function planAccess({
  allowlist,
  blocklist,
}: Pick<OldSettings, 'allowlist' | 'blocklist'>): AccessPlan {
  const notes: Note[] = [];
  const patterns: string[] = [];
  for (const written of allowlist) {
    const translation = translate(written);
    if (!translation.ok) {
      notes.push({ state: 'problem', text: `${written} is not taken over. ${translation.why}` });
      continue;
    }
    const { pattern, entry } = translation;
    const blocked = blocklist.find((other) => mayMeet(pattern, other));
    if (blocked !== undefined) {
      const why = `the old bot kept out ${blocked}, and this one has no such list. Allow people one by one instead.`;
      notes.push({ state: 'problem', text: `${entry} is not taken over: ${why}` });
    } else if (!patterns.includes(pattern)) {
      patterns.push(pattern);
    }
  }
  if (allowlist.some(isWrapped)) {
    const text =
      'The list stands there as re.compile(…), through a fault of the old bot, with which it let in nobody any more. What was meant is taken over.';
    notes.push({ state: 'note', text });
  }
  return { patterns, notes };
}

/** Whether somebody may match both; only sure for user IDs. */
function mayMeet(pattern: string, blocked: string): boolean {
  const translation = translate(blocked);
  if (!translation.ok) return true;
  const other = translation.pattern;
  if (isPlainUserId(other)) return compilePattern(pattern).matches(other);
  return !isPlainUserId(pattern) || compilePattern(other).matches(pattern);
}
