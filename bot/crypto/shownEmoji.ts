/** The emoji of a verification that a user started, for comparison. */
export interface ShownEmoji {
  readonly userId: string;
  /** The other device's ID. */
  readonly deviceId: string;
  /** Seven emoji: symbol and name. */
  readonly emoji: readonly { readonly symbol: string; readonly name: string }[];
  /** Epoch ms. */
  readonly at: number;
}

/** Symbol and name of each emoji, for the log and `status`. */
export function emojiText({ emoji }: Pick<ShownEmoji, 'emoji'>): string {
  return emoji.map(({ symbol, name }) => `${symbol} ${name}`).join(', ');
}
