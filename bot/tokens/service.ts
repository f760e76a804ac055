// Every use case of the bot, once. Commands, HTTP routes and confirmed reactions come through here; nothing else
// talks to a backend.
import type * as z from 'zod/mini';
import { invalidInput, Problem } from '../../common/problem.ts';
import {
  type CreateTokens,
  createTokensSchema,
  expiryProblem,
  type RegistrationToken,
  type TokenFacts,
  tokenState,
  tokenValueSchema,
  type UpdateToken,
  updateTokenSchema,
} from '../../common/token.ts';
import type { Actor } from '../access/actor.ts';
import type { AllowList, AllowOutcome, DisallowOutcome } from '../access/allowList.ts';
import type { AccessPolicy } from '../access/policy.ts';
import type { Clock } from '../lib/clock.ts';
import { type Log, shortToken } from '../observability/log.ts';
import type { AuditAction, AuditTable } from '../store/audit.ts';
import type { NewToken, RegistrationBackend } from './backends/backend.ts';
import { type ChangeListener, Changes } from './changes.ts';
import { type EditOptions, Edits } from './edits.ts';

interface TokenDefaults {
  readonly uses: number | null;
  /** ms from creation; null: never expires. */
  readonly expiry: number | null;
  readonly length: number;
}

/** The tokens that a creation is about to make, chosen before the homeserver is asked for any of them. */
export interface CreationPlan {
  readonly tokens: readonly NewToken[];
}

export interface CreationOutcome {
  readonly created: readonly RegistrationToken[];
  /** Why the rest was not created. */
  readonly failed: Problem | undefined;
}

export interface ServiceOptions {
  readonly backend: RegistrationBackend;
  readonly allowList: AllowList;
  readonly audit: AuditTable;
  readonly defaults: TokenDefaults;
  readonly clock: Clock;
  readonly generate: (length: number) => string;
  readonly log: Log;
}

/**
 * Every method throws a `Problem`: `not_allowed` if the actor has no access, `invalid_input` for bad input, and
 * what `RegistrationBackend` throws. `ref` is the ID of the event or request that asks: the same request carried
 * out again, after a crash, changes nothing more and is recorded once.
 */
export class RegistrationService {
  readonly #options: ServiceOptions;
  readonly #changes: Changes;
  readonly #edits: Edits;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#changes = new Changes(options.log);
    const { backend, clock } = options;
    this.#edits = new Edits({ backend, clock, find: (token) => this.#find(token) });
  }

  /** Hears of everything that is changed through the bot from now on. Returns how to stop that. */
  onChange(listener: ChangeListener): () => void {
    return this.#changes.listen(listener);
  }

  get capabilities(): RegistrationBackend['capabilities'] {
    return this.#options.backend.capabilities;
  }

  get policy(): AccessPolicy {
    return this.#options.allowList.policy;
  }

  hasAccess(userId: string): boolean {
    return this.policy.allows(userId);
  }

  /** @throws Problem `not_allowed` */
  requireAccess(actor: Actor): void {
    if (this.hasAccess(actor.userId)) return;
    throw new Problem(
      'not_allowed',
      `You (${actor.userId}) may not manage registration tokens here.`,
      `Ask somebody who may to send this bot: allow ${actor.userId}`,
    );
  }

  /** Newest information first: those last changed through the bot, then in the homeserver's order backwards. */
  async list(actor: Actor): Promise<RegistrationToken[]> {
    this.requireAccess(actor);
    return await this.current();
  }

  /** What `list` gives, for those that follow the tokens for somebody whose access they check themselves. */
  async current(): Promise<RegistrationToken[]> {
    const tokens = (await this.#options.backend.list()).reverse();
    // Read after the homeserver has answered: what it has told may have been changed while it did.
    const changes = this.#options.audit.lastChanges();
    const changedAt = (token: TokenFacts) => changes.get(token.token) ?? 0;
    return tokens.sort((a, b) => changedAt(b) - changedAt(a)).map((token) => this.#withState(token));
  }

  /** In the order asked for; null where there is no such token. */
  async get(actor: Actor, tokens: readonly string[]): Promise<(RegistrationToken | null)[]> {
    this.requireAccess(actor);
    return await Promise.all(tokens.map((token) => this.#find(token)));
  }

  /**
   * Checks the input and chooses the tokens; nothing is created yet.
   * @param since what the default expiry counts from (epoch ms)
   * @throws Problem `token_exists` for a custom token that is there already
   */
  async planCreation(
    actor: Actor,
    input: CreateTokens,
    since: number = this.#options.clock(),
  ): Promise<CreationPlan> {
    this.requireAccess(actor);
    const { defaults, backend, generate } = this.#options;
    const wanted = parse(createTokensSchema, input);
    const count = wanted.count ?? 1;
    if (wanted.token !== undefined && count > 1) {
      throw invalidInput(
        'Only one token can have a name of your own.',
        'Leave out either the name or count.',
      );
    }
    const expiry_time =
      wanted.expiry_time === undefined
        ? defaults.expiry === null
          ? null
          : since + defaults.expiry
        : wanted.expiry_time;
    const problem = expiryProblem(expiry_time, this.#options.clock());
    if (problem !== undefined) throw invalidInput(problem);
    if (wanted.token !== undefined && (await backend.get(wanted.token)) !== null) {
      throw new Problem(
        'token_exists',
        `The token ${wanted.token} exists already.`,
        'Choose another name, or change that one with edit.',
      );
    }
    const uses_allowed = wanted.uses_allowed === undefined ? defaults.uses : wanted.uses_allowed;
    const tokens = Array.from({ length: count }, () => ({
      token: wanted.token ?? generate(wanted.length ?? defaults.length),
      uses_allowed,
      expiry_time,
    }));
    return { tokens };
  }

  /**
   * Carries a plan out, also one that was begun before: what it made then is kept.
   * @param lastTry nobody will try again what may pass: it is told like other failures
   */
  async create(
    actor: Actor,
    plan: CreationPlan,
    ref: string,
    { lastTry = false } = {},
  ): Promise<CreationOutcome> {
    this.requireAccess(actor);
    const created: RegistrationToken[] = [];
    for (const planned of plan.tokens) {
      try {
        const token = this.#withState(await this.#createPlanned(planned));
        this.#record(actor, 'create', token.token, pick(planned), ref);
        this.#changes.tokenChanged(token);
        created.push(token);
      } catch (error) {
        // Something that passes is tried again as a whole; it finds what was created by now.
        if (!(error instanceof Problem) || created.length === 0) throw error;
        if (error.transient && !lastTry) throw error;
        return { created, failed: error };
      }
    }
    return { created, failed: undefined };
  }

  /** @throws what `Edits.run` throws */
  async edit(
    actor: Actor,
    token: string,
    change: UpdateToken,
    ref: string,
    options: EditOptions = {},
  ): Promise<RegistrationToken> {
    this.requireAccess(actor);
    parse(tokenValueSchema, token);
    const wanted = parse(updateTokenSchema, change);
    if (wanted.uses_allowed === undefined && wanted.expiry_time === undefined) {
      throw invalidInput(
        'There is nothing to change.',
        'Say what: uses=N, uses=unlimited, expires=7d or expires=never.',
      );
    }
    const { facts, change: done } = await this.#edits.run(token, wanted, options);
    this.#record(actor, 'edit', token, done, ref);
    const edited = this.#withState(facts);
    this.#changes.tokenChanged(edited);
    return edited;
  }

  /**
   * false: there was no such token.
   * @param wasThere it was there when the deletion was written down: gone now means that an earlier try deleted it
   */
  async delete(actor: Actor, token: string, ref: string, { wasThere = false } = {}): Promise<boolean> {
    this.requireAccess(actor);
    const deleted = (await this.#options.backend.delete(token)) || wasThere;
    if (deleted) this.#record(actor, 'delete', token, undefined, ref);
    // Also if somebody else has deleted it: who still sees it should not.
    this.#changes.tokenRemoved(token);
    return deleted;
  }

  allow(actor: Actor, patterns: readonly string[], ref: string): AllowOutcome {
    this.requireAccess(actor);
    const outcome = this.#options.allowList.allow(actor.userId, patterns);
    const added = outcome.alsoAdded === undefined ? outcome.added : [...outcome.added, outcome.alsoAdded];
    for (const pattern of added) this.#record(actor, 'allow', pattern, undefined, ref);
    if (added.length > 0) this.#changes.accessChanged();
    return outcome;
  }

  disallow(actor: Actor, patterns: readonly string[], ref: string): DisallowOutcome {
    this.requireAccess(actor);
    const outcome = this.#options.allowList.disallow(actor.userId, patterns);
    for (const pattern of outcome.removed) this.#record(actor, 'disallow', pattern, undefined, ref);
    if (outcome.removed.length > 0) this.#changes.accessChanged();
    return outcome;
  }

  async #find(token: string): Promise<RegistrationToken | null> {
    // What can't be a token is none; the homeserver need not be asked.
    if (!tokenValueSchema.safeParse(token).success) return null;
    const facts = await this.#options.backend.get(token);
    return facts === null ? null : this.#withState(facts);
  }

  async #createPlanned(planned: NewToken): Promise<TokenFacts> {
    const { backend } = this.#options;
    try {
      return await backend.create(planned);
    } catch (error) {
      // The plan is written down before the first request: a token of that name and with those limits is the one
      // that an earlier try made, whose answer was lost.
      if (!(error instanceof Problem) || error.code !== 'token_exists') throw error;
      const facts = await backend.get(planned.token);
      const ours = facts?.uses_allowed === planned.uses_allowed && facts.expiry_time === planned.expiry_time;
      if (facts === null || !ours) throw error;
      return facts;
    }
  }

  #withState(facts: TokenFacts): RegistrationToken {
    const { token, uses_allowed, completed, pending, expiry_time } = facts;
    return {
      id: token,
      token,
      uses_allowed,
      completed,
      pending,
      expiry_time,
      state: tokenState(facts, this.#options.clock()),
    };
  }

  #record(actor: Actor, action: AuditAction, subject: string, details: unknown, ref: string): void {
    const { audit, clock, log } = this.#options;
    audit.record(clock(), actor, action, subject, details, ref);
    const about =
      action === 'allow' || action === 'disallow'
        ? { pattern: subject }
        : { registrationToken: shortToken(subject) };
    log.info({ userId: actor.userId, via: actor.via, ...about }, `${action} done`);
  }
}

function pick({ uses_allowed, expiry_time }: NewToken): UpdateToken {
  return { uses_allowed, expiry_time };
}

function parse<T extends z.ZodMiniType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalidInput([...new Set(result.error.issues.map((issue) => issue.message))].join(' '));
}
