// Who may manage registration tokens: the patterns of the configuration and those added by command. If there are none,
// `access.default` decides. Neither a pattern nor the default stands for a guest or for who matches `access.deny`: they
// have access only if their exact user ID is allowed.
import { serverNameOf } from '../../common/userId.ts';
import { compileDenied, compilePattern, isPlainUserId, type Pattern } from './patterns.ts';

export type AccessDefault = 'homeserver' | 'nobody';

export interface AllowedPattern {
  readonly text: string;
  readonly source: 'config' | 'command';
  /** Only of patterns added by command: who added it, and when (epoch ms). */
  readonly addedBy?: string;
  readonly addedAt?: number;
}

/** What the configuration says. */
export interface AccessRules {
  readonly serverName: string;
  readonly accessDefault: AccessDefault;
  /** Patterns of users who are no people, such as those of bridges. */
  readonly deny: readonly string[];
}

/** Immutable; `AllowList` creates a new one for every change. */
export class AccessPolicy {
  readonly patterns: readonly AllowedPattern[];
  readonly rules: AccessRules;
  readonly #compiled: readonly Pattern[];
  readonly #denied: readonly Pattern[];

  constructor(rules: AccessRules, patterns: readonly AllowedPattern[]) {
    this.rules = rules;
    this.patterns = patterns;
    this.#compiled = patterns.map(({ text }) => compilePattern(text));
    this.#denied = rules.deny.map(compileDenied);
  }

  get serverName(): string {
    return this.rules.serverName;
  }

  get accessDefault(): AccessDefault {
    return this.rules.accessDefault;
  }

  get deny(): readonly string[] {
    return this.rules.deny;
  }

  /** There are no patterns: the default decides. */
  get byDefault(): boolean {
    return this.patterns.length === 0;
  }

  /** Every person of the homeserver has access. */
  get isOpen(): boolean {
    return this.byDefault && this.accessDefault === 'homeserver';
  }

  /** The first pattern through which the user has access. */
  matching(userId: string): string | undefined {
    const found = this.#compiled.filter((pattern) => pattern.matches(userId)).map(({ text }) => text);
    return this.#isPerson(userId) ? found[0] : found.find(isPlainUserId);
  }

  allows(userId: string): boolean {
    if (!this.byDefault) return this.matching(userId) !== undefined;
    return this.isOpen && serverNameOf(userId) === this.serverName && this.#isPerson(userId);
  }

  #isPerson(userId: string): boolean {
    return !isGuest(userId) && !this.#denied.some((pattern) => pattern.matches(userId));
  }
}

/** Synapse gives guests a number as their localpart, and nobody else. */
function isGuest(userId: string): boolean {
  return /^@\d+:/.test(userId);
}
