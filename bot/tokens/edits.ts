// Edits of tokens. Each is decided on the limits that the token had: done again, after a crash or a lost answer, it
// never overwrites what somebody else has set since.
import { problem } from '../../common/problems/problem.ts';
import {
  expiryProblem,
  type RegistrationToken,
  type TokenFacts,
  type UpdateToken,
} from '../../common/token.ts';
import type { Clock } from '../lib/clock.ts';
import { KeyedQueue } from '../lib/keyedQueue.ts';
import type { RegistrationBackend } from './backends/backend.ts';
import { EditConflict } from './problems.ts';

/** What an edit is decided on. */
export type Limits = Pick<RegistrationToken, 'uses_allowed' | 'expiry_time'>;

/** An edit as it stands before the homeserver is asked to change anything. */
export interface EditPlan {
  readonly change: UpdateToken;
  /** What the token had when the edit was planned. */
  readonly seen: Limits;
}

export interface EditOptions {
  /** Whether the edit still makes sense for the token as it stands. Default: always. */
  readonly accept?: ((current: Limits) => boolean) | undefined;
  /** Keeps the plan for further tries: they get back what was chosen first. Default: there is one try. */
  readonly plan?: ((choose: () => Promise<EditPlan>) => Promise<EditPlan>) | undefined;
}

interface EditsOptions {
  readonly backend: Pick<RegistrationBackend, 'update'>;
  readonly find: (token: string) => Promise<RegistrationToken | null>;
  readonly clock: Clock;
}

export class Edits {
  readonly #options: EditsOptions;
  /** Edits of the same token, one after the other: two may be decided on the same limits. */
  readonly #queue = new KeyedQueue();

  constructor(options: EditsOptions) {
    this.#options = options;
  }

  /**
   * The token afterwards, and what was changed.
   * @throws Problem `token_not_found`, `invalid_input`; EditConflict if `accept` says no, or if the token has other
   * limits by now than those that the plan was made for
   */
  async run(
    token: string,
    wanted: UpdateToken,
    options: EditOptions,
  ): Promise<{ facts: TokenFacts; change: UpdateToken }> {
    return await this.#queue.run(token, () => this.#run(token, wanted, options));
  }

  async #run(
    token: string,
    wanted: UpdateToken,
    { accept, plan = (choose) => choose() }: EditOptions,
  ): Promise<{ facts: TokenFacts; change: UpdateToken }> {
    const { backend, find } = this.#options;
    let first = false;
    const { change, seen } = await plan(async () => {
      this.#requireFuture(wanted);
      const current = await find(token);
      if (accept !== undefined && (current === null || !accept(current))) throw new EditConflict(current);
      if (current === null) throw problem('token_not_found', { token });
      first = true;
      return {
        change: wanted,
        seen: { uses_allowed: current.uses_allowed, expiry_time: current.expiry_time },
      };
    });
    if (!first) {
      const current = await find(token);
      if (current === null) throw new EditConflict(null);
      // An earlier try did it, and its answer was lost.
      if (isDone(change, current)) return { facts: current, change };
      if (!sameLimits(current, seen)) throw new EditConflict(current);
      this.#requireFuture(change);
    }
    const facts = await backend.update(token, change);
    if (facts === null) throw new EditConflict(null);
    return { facts, change };
  }

  #requireFuture({ expiry_time }: UpdateToken): void {
    const past = expiryProblem(expiry_time, this.#options.clock());
    if (past !== undefined) throw problem(past);
  }
}

function isDone({ uses_allowed, expiry_time }: UpdateToken, current: Limits): boolean {
  return (
    (uses_allowed === undefined || uses_allowed === current.uses_allowed) &&
    (expiry_time === undefined || expiry_time === current.expiry_time)
  );
}

function sameLimits(one: Limits, other: Limits): boolean {
  return one.uses_allowed === other.uses_allowed && one.expiry_time === other.expiry_time;
}
