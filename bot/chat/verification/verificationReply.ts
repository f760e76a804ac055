import { command, paragraph, type Rendered, render } from '../reply/document.ts';

export function renderVerificationBegun(): Rendered {
  return render(
    paragraph(
      'To verify me, compare the emoji in your app with mine: they are in my log, and for ten minutes in the answer to ',
      command('status'),
      '. If they are the same, confirm in your app.',
    ),
  );
}
