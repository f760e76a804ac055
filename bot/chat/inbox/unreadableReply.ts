import type { WithheldCode } from '../../crypto/withheld.ts';
import type { Words } from '../../words/words.ts';
import { paragraph, type Rendered, render } from '../reply/document.ts';

/** Why emoji verification would not help the sender. */
export type WhyNotVerify = 'no access' | 'bot not signed';

/** @param withheld what the sender's client reported; undefined: nothing (yet) */
export function renderUnreadable(
  words: Words,
  withheld: WithheldCode | undefined,
  whyNotVerify: WhyNotVerify | undefined,
): Rendered {
  const texts = textsOf(words, withheld, whyNotVerify);
  return render(words, ...texts.map((text) => paragraph(text)));
}

function textsOf(
  { messages: { unreadable, unreadableOften, withheld: texts } }: Words,
  withheld: WithheldCode | undefined,
  whyNotVerify: WhyNotVerify | undefined,
): string[] {
  switch (withheld) {
    case 'm.unverified':
      if (whyNotVerify === undefined) return [texts.unverified, texts.verifyMe, texts.orAllow];
      return [
        texts.unverified,
        `${whyNotVerify === 'no access' ? texts.noAccess : texts.notSigned} ${texts.allow}`,
      ];
    case 'm.blacklisted':
      return [texts.blocked];
    case 'm.unauthorised':
      return [texts.notForBot];
    case 'm.no_olm':
      return [texts.noSession];
    // Sent only in answer to a request for the key: the client does not have it any more.
    case 'm.unavailable':
    case undefined:
      return [unreadable, unreadableOften];
  }
}
