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
  /** Emits after each change; `policy` says how it stands then. */
  readonly changes: Emitter<void>;

  constructor(options: AccessControlOptions) {
    this.#options = options;
    this.changes = new Emitter((error) =>
      options.log.error({ err: error, change: 'access' }, 'A change could not be passed on.'),
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
   * @param ref the event or request that asks: the audit has it once
   * @throws Problem `invalid_input`
   */
  allow(by: Manager, patterns: readonly string[], ref: string): AllowOutcome {
    const outcome = this.#options.allowList.allow(by.userId, patterns);
    const added = outcome.alsoAdded === undefined ? outcome.added : [...outcome.added, outcome.alsoAdded];
    this.#changed(by, 'allow', added, ref);
    return outcome;
  }

  /**
   * @param ref as for `allow`
   * @throws Problem `refused`
   */
  disallow(by: Manager, patterns: readonly string[], ref: string): DisallowOutcome {
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
