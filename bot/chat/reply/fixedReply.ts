import type { Words } from '../../words/words.ts';
import { paragraph, type Rendered, render } from './document.ts';

/** Replaces a reply that the homeserver rejects. */
export function renderFixedReply(
  words: Words,
  kind: 'command' | 'reaction' | 'greeting' | 'outcome',
): Rendered {
  if (kind === 'greeting') return render(words, paragraph(...words.help.shortHello));
  return render(words, paragraph(words.messages.answerRejected));
}
