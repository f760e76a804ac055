import type { Words } from '../../words/words.ts';
import { paragraph, type Rendered, render } from '../reply/document.ts';

export function renderUnreadable(words: Words): Rendered {
  const { unreadable, unreadableOften } = words.messages;
  return render(words, paragraph(unreadable), paragraph(unreadableOften));
}
