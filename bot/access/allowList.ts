// Changes to who may manage registration tokens. No command may remove the sender's own access.
import * as z from 'zod/mini';
import { problem } from '../../common/problems/problem.ts';
import type { Clock } from '../lib/clock.ts';
import type { AllowedRow, AllowedTable } from '../store/allowed.ts';
import { compilePattern } from './patterns.ts';
import { AccessPolicy, type AccessRules, type AllowedPattern } from './policy.ts';

/** Stored with the command, as JSON. */
export const allowOutcomeSchema = z.object({
  added: z.array(z.string()),
  /** Patterns that were allowed before. */
  already: z.array(z.string()),
  /** The sender, allowed along with the first patterns so that they keep their access. */
  alsoAdded: z.optional(z.string()),
});
export type AllowOutcome = z.infer<typeof allowOutcomeSchema>;

/** Stored with the command, as JSON. */
export const disallowOutcomeSchema = z.object({
  removed: z.array(z.string()),
  /** The list is empty now: `access.default` applies again. */
  backToDefault: z.boolean(),
});
export type DisallowOutcome = z.infer<typeof disallowOutcomeSchema>;

export class AllowList {
  readonly #configured: readonly AllowedPattern[];
  readonly #table: AllowedTable;
  readonly #clock: Clock;
  #policy: AccessPolicy;

  constructor(options: {
    rules: AccessRules;
    configured: readonly string[];
    table: AllowedTable;
    clock: Clock;
  }) {
    this.#configured = options.configured.map((text) => ({ text, source: 'config' }));
    this.#table = options.table;
    this.#clock = options.clock;
    this.#policy = new AccessPolicy(options.rules, this.#patterns(options.table.all()));
  }

  get policy(): AccessPolicy {
    return this.#policy;
  }

  /**
   * Allows all of `patterns`, or none if one of them is invalid.
   * @throws Problem `invalid_input`
   */
  allow(sender: string, patterns: readonly string[]): AllowOutcome {
    for (const text of patterns) compilePattern(text);
    const known = new Set(this.#policy.patterns.map(({ text }) => text));
    const wanted = [...new Set(patterns)];
    const added = wanted.filter((text) => !known.has(text));
    const already = wanted.filter((text) => known.has(text));
    const rows = this.#table.all().concat(this.#rowsFor(sender, added));
    const keepsAccess = this.#policyOf(rows).allows(sender);
    const alsoAdded = added.length > 0 && !keepsAccess ? sender : undefined;
    if (alsoAdded !== undefined) rows.push(...this.#rowsFor(sender, [alsoAdded]));
    this.#store(rows);
    return { added, already, alsoAdded };
  }

  /**
   * Whether every person of the homeserver would have access without `patterns`.
   * @throws Problem `refused`, as `disallow` does
   */
  wouldOpen(sender: string, patterns: readonly string[]): boolean {
    return this.#without(sender, patterns).policy.isOpen;
  }

  /**
   * Removes all of `patterns`, or none if one is not on the list or the sender would lose their own access.
   * @throws Problem `refused`
   */
  disallow(sender: string, patterns: readonly string[]): DisallowOutcome {
    const { removed, rows, policy } = this.#without(sender, patterns);
    this.#store(rows);
    return { removed, backToDefault: policy.byDefault };
  }

  #without(sender: string, patterns: readonly string[]) {
    const removed = [...new Set(patterns)];
    for (const text of removed) this.#requireRemovable(text);
    const rows = this.#table.all().filter(({ pattern }) => !removed.includes(pattern));
    const policy = this.#policyOf(rows);
    if (!policy.allows(sender)) throw problem('own_access_lost', { userId: sender });
    return { removed, rows, policy };
  }

  #requireRemovable(text: string): void {
    const rule = this.#policy.patterns.find((pattern) => pattern.text === text);
    if (rule?.source === 'command') return;
    if (rule) {
      throw problem('pattern_configured', { pattern: text });
    }
    const through = this.#policy.matching(text);
    if (through !== undefined) throw problem('pattern_covered', { pattern: text, by: through });
    throw problem('pattern_not_listed', { pattern: text });
  }

  #rowsFor(sender: string, patterns: readonly string[]): AllowedRow[] {
    const now = this.#clock();
    return patterns.map((pattern) => ({ pattern, addedBy: sender, addedAt: now }));
  }

  #patterns(rows: readonly AllowedRow[]): AllowedPattern[] {
    const configured = new Set(this.#configured.map(({ text }) => text));
    const byCommand = rows
      .filter(({ pattern }) => !configured.has(pattern))
      .map(
        ({ pattern, addedBy, addedAt }): AllowedPattern => ({
          text: pattern,
          source: 'command',
          addedBy,
          addedAt,
        }),
      );
    return [...this.#configured, ...byCommand];
  }

  #policyOf(rows: readonly AllowedRow[]): AccessPolicy {
    return new AccessPolicy(this.#policy.rules, this.#patterns(rows));
  }

  #store(rows: readonly AllowedRow[]): void {
    this.#table.replace(rows);
    this.#policy = this.#policyOf(rows);
  }
}
