import { code, command, type Inline, say } from '../inline.ts';

/** Of the access policy. */
export interface AccessFacts {
  readonly serverName: string;
  /** Nobody is allowed by name. */
  readonly byDefault: boolean;
  /** So every person of the homeserver may manage tokens. */
  readonly isOpen: boolean;
}

export const ACCESS = {
  /** Who may manage tokens, in one sentence. Names nobody, because everybody may read it. */
  sentence({ serverName, byDefault, isOpen }: AccessFacts): Inline[] {
    if (!byDefault) return ['People who are allowed by name may manage registration tokens.'];
    return isOpen
      ? say`Every user of ${code(serverName)} may manage registration tokens, because nobody is allowed by name.`
      : ['Nobody may manage registration tokens, because nobody is allowed by name.'];
  },
  /** How to restrict the open default. */
  narrowing: (serverName: string) =>
    say`To narrow it, allow people by name: ${command(`allow @somebody:${serverName}`)} (you are added too).`,
  askAdministrators: (serverName: string) =>
    say` If you need a token, ask the administrators of ${code(serverName)}.`,
  askOneOfThem: [' If you need a token, ask one of them.'],
  askToBeAllowed: (userId: string) =>
    say` To manage tokens yourself, ask somebody who may to send me ${command(`allow ${userId}`)}.`,

  allowed: (patterns: readonly Inline[]) => say`Allowed: ${patterns}.`,
  already: (patterns: readonly Inline[]) => say`Allowed before: ${patterns}.`,
  alsoAdded: (pattern: string) =>
    say`You are allowed as well (${code(pattern)}), so that you keep your access.`,
  inAll: (n: number) => say`Now ${n} in all, nobody else: ${command('allowed')} shows them.`,
  removed: (patterns: readonly Inline[]) => say`Not allowed any more: ${patterns}.`,
  openQuestion: (serverName: string) => `Let every user of ${serverName} manage registration tokens?`,
  wouldBeLast: (patterns: readonly Inline[]) =>
    say`Without ${patterns}, nobody would be allowed by name any more, and everybody there could manage tokens.`,
  howToAnswer: (duration: string, byReaction: boolean) =>
    byReaction
      ? say`React with ✅ to open it to all or ❌ to leave it as it is, or write ${command('confirm')} or ${command('cancel')}, within ${duration}.`
      : say`Write ${command('confirm')} to open it to all or ${command('cancel')} to leave it as it is, within ${duration}. Reactions don’t count here.`,
  /** Followed by the reason why nothing was changed. */
  confirmedBy: (by: string) => `Confirmed by ${by}. `,
  unchanged: {
    cancelled: (by: string) => `Cancelled by ${by}. Nothing was changed. `,
    expired: () => 'I saw no answer in time. Nothing was changed. ',
    access_lost: (by: string) => `${by} may not manage tokens any more. Nothing was changed. `,
  },
  listStays: (patterns: readonly Inline[]) => say`Still allowed: ${patterns}.`,
  /** Whom neither a pattern nor the default stands for. */
  noPeople: (patterns: readonly Inline[]) =>
    patterns.length === 0
      ? ['Guests only if exactly their user ID is allowed.']
      : say`Guests and ${patterns} only if exactly their user ID is allowed.`,
  these: 'These may manage registration tokens:',
  fromConfiguration: ' (configuration)',
  allowedBy: (by: string, when: string) => ` (allowed by ${by}, ${when})`,
};
