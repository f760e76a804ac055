import type { Words } from '../../words/words.ts';
import { paragraph, type Rendered, render } from '../reply/document.ts';

export function renderVerificationBegun(words: Words): Rendered {
  return render(words, paragraph(...words.messages.verificationBegun));
}
