import { code, command, type Inline, say } from '../inline.ts';

/** Of the access policy. */
export interface AccessFacts {
  readonly serverName: string;
  /** Nobody is allowed by name. */
  readonly byDefault: boolean;
  readonly accessDefault: 'homeserver' | 'nobody';
}

export const ACCESS = {
  /** Who may manage tokens, in one sentence. Names nobody, because everybody may read it. */
  sentence({ serverName, byDefault, accessDefault }: AccessFacts): Inline[] {
    if (!byDefault) return ['People who are allowed by name may manage registration tokens.'];
    return accessDefault === 'homeserver'
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
  these: 'These may manage registration tokens:',
  fromConfiguration: ' (configuration)',
  allowedBy: (by: string, when: string) => ` (allowed by ${by}, ${when})`,
};
