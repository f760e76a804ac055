import { paragraph, type Rendered, render } from '../reply/document.ts';

export function renderUnreadable(): Rendered {
  return render(
    paragraph(
      'I can’t read what you sent: the key to it has not reached me. Please send it again; should the key come after all, I answer anyway.',
    ),
    paragraph(
      'If this goes on, your app may keep keys from devices that you have not verified: verify me, or allow it in the app’s security settings.',
    ),
  );
}
