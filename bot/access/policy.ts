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

export type AccessDecision =
  | { readonly allowed: true; readonly because: 'default' | 'config' | 'command'; readonly pattern?: string }
  | { readonly allowed: false };

/** An immutable snapshot of the rules; `AllowList` makes a new one for every change. */
export class AccessPolicy {
  readonly patterns: readonly AllowedPattern[];
  readonly serverName: string;
  readonly accessDefault: AccessDefault;
  readonly #compiled: readonly { pattern: Pattern; rule: AllowedPattern }[];

  constructor(serverName: string, accessDefault: AccessDefault, patterns: readonly AllowedPattern[]) {
    this.serverName = serverName;
    this.accessDefault = accessDefault;
    this.patterns = patterns;
    this.#compiled = patterns.map((rule) => ({ rule, pattern: compilePattern(rule.text) }));
  }

  /** Nobody is allowed by name, so that the default decides. */
  get byDefault(): boolean {
    return this.patterns.length === 0;
  }

  decide(userId: string): AccessDecision {
    const match = this.#compiled.find(({ pattern }) => pattern.matches(userId));
    if (match) return { allowed: true, because: match.rule.source, pattern: match.rule.text };
    if (this.byDefault && this.accessDefault === 'homeserver' && serverNameOf(userId) === this.serverName) {
      return { allowed: true, because: 'default' };
    }
    return { allowed: false };
  }
}
