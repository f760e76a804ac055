import type { WithheldCode } from '../../crypto/withheld.ts';
import { paragraph, type Rendered, render } from '../reply/document.ts';

/** Why emoji verification would not help the sender. */
export type WhyNotVerify = 'no access' | 'bot not signed';

/** @param withheld what the sender's client reported; undefined: nothing (yet) */
export function renderUnreadable(
  withheld: WithheldCode | undefined,
  whyNotVerify: WhyNotVerify | undefined,
): Rendered {
  switch (withheld) {
    case 'm.unverified':
      return whyNotVerify === undefined ? verifyMe() : allowUnverified(whyNotVerify);
    case 'm.blacklisted':
      return unblockMe();
    case 'm.unauthorised':
      return sentTooEarly();
    case 'm.no_olm':
      return noSession();
    // Sent only in answer to a request for the key: the client does not have it any more.
    case 'm.unavailable':
    case undefined:
      return noKeyYet();
  }
}

function noKeyYet(): Rendered {
  return render(
    paragraph(
      'I can’t read what you sent: the key to it has not reached me. Please send it again; should the key come after all, I answer anyway.',
    ),
    paragraph(
      'If this goes on, your app may keep keys from devices that you have not verified: verify me, or allow it in the app’s security settings.',
    ),
  );
}

function verifyMe(): Rendered {
  return render(
    paragraph('I can’t read what you sent: your app sends keys only to verified devices, and mine is not.'),
    paragraph(
      'Verify me: in Element, open my profile (select my name) → Verify, and compare the emoji. Then send your message again.',
    ),
    paragraph('Or allow unverified devices in the app’s security settings.'),
  );
}

function allowUnverified(whyNot: WhyNotVerify): Rendered {
  const reason =
    whyNot === 'no access'
      ? 'Only people with access can verify me.'
      : 'Verifying me does not help: my device is not signed; my log says why.';
  return render(
    paragraph('I can’t read what you sent: your app sends keys only to verified devices, and mine is not.'),
    paragraph(
      `${reason} Allow unverified devices in the app’s security settings, or write to me in a room without encryption.`,
    ),
  );
}

function unblockMe(): Rendered {
  return render(
    paragraph(
      'I can’t read what you sent: you have blocked my device in your app. Unblock it there (in my profile, under sessions), then send your message again.',
    ),
  );
}

function sentTooEarly(): Rendered {
  return render(
    paragraph(
      'I can’t read what you sent: your app says that its key is not for me, mostly because I was not in the room yet. Please send it again.',
    ),
  );
}

function noSession(): Rendered {
  return render(
    paragraph(
      'I can’t read what you sent: your app could not set up encryption with my device. Restart the app, or wait a quarter of an hour; then send your message again.',
    ),
  );
}
