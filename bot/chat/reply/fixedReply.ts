import { command, paragraph, type Rendered, render } from './document.ts';

/** Replaces a reply that the homeserver rejects. Contains no text from outside, which may be the reason. */
export function renderFixedReply(kind: 'command' | 'reaction' | 'greeting' | 'outcome'): Rendered {
  if (kind === 'greeting') return render(paragraph('Hello! ', command('help'), ' shows what I can do.'));
  return render(
    paragraph(
      'I can’t show the answer to this, because the homeserver does not take it. Look whether what you wanted is done before you ask for it again. My log says more.',
    ),
  );
}
