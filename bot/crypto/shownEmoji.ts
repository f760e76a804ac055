/** What the bot shows of a verification that somebody began. */
export interface ShownEmoji {
  readonly userId: string;
  /** Of the other device. */
  readonly deviceId: string;
  /** Seven of them: symbol and name. */
  readonly emoji: readonly { readonly symbol: string; readonly name: string }[];
  /** Epoch ms. */
  readonly at: number;
}

/** As people read it out: symbol and name. */
export function emojiText({ emoji }: Pick<ShownEmoji, 'emoji'>): string {
  return emoji.map(({ symbol, name }) => `${symbol} ${name}`).join(', ');
}
