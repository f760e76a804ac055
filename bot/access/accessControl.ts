// Who may manage registration tokens: the check of each request, and the use cases `allow` and `disallow`.
import { problem } from '../../common/problems/problem.ts';
import type { Clock } from '../lib/clock.ts';
import { Emitter } from '../lib/emitter.ts';
import type { AuditTable } from '../store/audit.ts';
import type { Actor, Manager } from './actor.ts';
import type { AllowList, AllowOutcome, DisallowOutcome } from './allowList.ts';
import type { AccessPolicy } from './policy.ts';

interface AccessLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

interface AccessControlOptions {
  readonly allowList: AllowList;
  readonly audit: AuditTable;
  readonly clock: Clock;
  readonly log: AccessLog;
}

export class AccessControl {
  readonly #options: AccessControlOptions;
  /** Emits after each change of `policy`. */
  readonly changes: Emitter<void>;

  constructor(options: AccessControlOptions) {
    this.#options = options;
    this.changes = new Emitter((error) =>
      options.log.error({ err: error, change: 'access' }, 'Could not pass a change on to open widgets.'),
    );
  }

  get policy(): AccessPolicy {
    return this.#options.allowList.policy;
  }

  isAllowed(userId: string): boolean {
    return this.policy.allows(userId);
  }

  /** @throws Problem `not_allowed` */
  require(actor: Actor): Manager {
    if (this.isAllowed(actor.userId)) return actor as Manager;
    throw problem('access_denied', { userId: actor.userId });
  }

  /**
   * @param ref ID of the event or HTTP request: the audit records it once
   * @throws Problem `invalid_input`
   */
  allow(by: Manager, patterns: readonly string[], ref: string): AllowOutcome {
    const outcome = this.#options.allowList.allow(by.userId, patterns);
    const added = outcome.alsoAdded === undefined ? outcome.added : [...outcome.added, outcome.alsoAdded];
    this.#changed(by, 'allow', added, ref);
    return outcome;
  }

  /**
   * Whether every person of the homeserver would have access without `patterns`.
   * @throws Problem `refused`, as `disallow` does
   */
  wouldOpen(by: Manager, patterns: readonly string[]): boolean {
    return this.#options.allowList.wouldOpen(by.userId, patterns);
  }

  /**
   * @param ref as for `allow`
   * @param confirmed it is wanted even if every person of the homeserver has access then
   * @throws Problem `refused`
   */
  disallow(by: Manager, patterns: readonly string[], ref: string, confirmed: boolean): DisallowOutcome {
    if (!confirmed && this.wouldOpen(by, patterns)) {
      throw problem('access_would_open', { serverName: this.policy.serverName });
    }
    const outcome = this.#options.allowList.disallow(by.userId, patterns);
    this.#changed(by, 'disallow', outcome.removed, ref);
    return outcome;
  }

  #changed(by: Manager, action: 'allow' | 'disallow', patterns: readonly string[], ref: string): void {
    const { audit, clock, log } = this.#options;
    for (const pattern of patterns) {
      audit.record(clock(), by, action, pattern, undefined, ref);
      log.info({ userId: by.userId, via: by.via, pattern }, `${action} done`);
    }
    if (patterns.length > 0) this.changes.emit();
  }
}
