// Who may manage registration tokens: those allowed in the configuration, those allowed by command, and, while
// nobody is allowed by name at all, the configured default.
import { serverNameOf } from '../../common/userId.ts';
import { compilePattern, type Pattern } from './patterns.ts';

export type AccessDefault = 'homeserver' | 'nobody';

export interface AllowedPattern {
  readonly text: string;
  readonly source: 'config' | 'command';
  /** Only of those added by command: who added it, and when (epoch ms). */
  readonly addedBy?: string;
  readonly addedAt?: number;
}

/** An immutable snapshot of the rules; `AllowList` makes a new one for every change. */
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

  /** Nobody is allowed by name, so that the default decides. */
  get byDefault(): boolean {
    return this.patterns.length === 0;
  }

  /** The pattern by which somebody has access. */
  matching(userId: string): string | undefined {
    return this.#compiled.find((pattern) => pattern.matches(userId))?.text;
  }

  allows(userId: string): boolean {
    if (!this.byDefault) return this.matching(userId) !== undefined;
    return this.accessDefault === 'homeserver' && serverNameOf(userId) === this.serverName;
  }
}
