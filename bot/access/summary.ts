import type { AccessFacts } from '../words/en/access.ts';
import { ENGLISH } from '../words/en/english.ts';
import { type Inline, plainText } from '../words/inline.ts';
import type { Words } from '../words/words.ts';

/** Who may manage tokens, and how to restrict that if every user may. */
export function accessSummary({ access }: Words, facts: AccessFacts): Inline[] {
  const sentence = access.sentence(facts);
  return facts.isOpen ? [...sentence, ' ', ...access.narrowing(facts.serverName)] : sentence;
}

/** `accessSummary` for the log. */
export function renderAccess(facts: AccessFacts): string {
  return plainText(accessSummary(ENGLISH, facts));
}
