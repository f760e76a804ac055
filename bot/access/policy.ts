// Who may manage registration tokens: the patterns of the configuration and those added by command. If there are none,
// `access.default` decides.
import { serverNameOf } from '../../common/userId.ts';
import { compilePattern, type Pattern } from './patterns.ts';

export type AccessDefault = 'homeserver' | 'nobody';

export interface AllowedPattern {
  readonly text: string;
  readonly source: 'config' | 'command';
  /** Only of patterns added by command: who added it, and when (epoch ms). */
  readonly addedBy?: string;
  readonly addedAt?: number;
}

/** Immutable; `AllowList` creates a new one for every change. */
export class AccessPolicy {
  readonly patterns: readonly AllowedPattern[];
  readonly serverName: string;
  readonly accessDefault: AccessDefault;
  readonly #compiled: readonly Pattern[];

  constructor(serverName: string, accessDefault: AccessDefault, patterns: readonly AllowedPattern[]) {
    this.serverName = serverName;
    this.accessDefault = accessDefault;
    this.patterns = patterns;
    this.#compiled = patterns.map(({ text }) => compilePattern(text));
  }

  /** There are no patterns: the default decides. */
  get byDefault(): boolean {
    return this.patterns.length === 0;
  }

  /** The first pattern that matches the user. */
  matching(userId: string): string | undefined {
    return this.#compiled.find((pattern) => pattern.matches(userId))?.text;
  }

  allows(userId: string): boolean {
    if (!this.byDefault) return this.matching(userId) !== undefined;
    return this.accessDefault === 'homeserver' && serverNameOf(userId) === this.serverName;
  }
}
