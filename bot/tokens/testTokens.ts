// Test setup: the use cases with an in-memory token API.
import { problem } from '../../common/problems/problem.ts';
import type { TokenFacts } from '../../common/token.ts';
import { AccessControl } from '../access/accessControl.ts';
import type { Actor } from '../access/actor.ts';
import { AllowList } from '../access/allowList.ts';
import { createLog } from '../observability/log.ts';
import { Store } from '../store/store.ts';
import type { BackendCapabilities, NewToken, RegistrationBackend } from './backends/backend.ts';
import { type RetryPolicy, type Step, type TokenRequest, unrecorded } from './request.ts';
import { openTokens, type Tokens } from './tokens.ts';

export const NOW = Date.UTC(2026, 10, 1);
export const DAY = 86_400_000;
const alice: Actor = { userId: '@alice:example.org', via: 'chat' };
export const stranger: Actor = { userId: '@mallory:elsewhere.org', via: 'widget' };

export class MemoryBackend implements RegistrationBackend {
  readonly name = 'memory';
  /** With 'revokes', deleted tokens stay as revoked. */
  capabilities: BackendCapabilities = { removal: 'deletes', knowsPending: true };
  readonly tokens = new Map<string, TokenFacts>();
  /** Thrown when this token is created: after creating it if `created`, else instead. */
  fault: { token: string; error: Error; created: boolean } | undefined;
  updates = 0;
  /** This many updates succeed, but throw as if the answer was lost. */
  lostUpdates = 0;
  /** Called before a deletion, which fails if this throws. */
  onDelete: (token: string) => void | Promise<void> = () => undefined;
  async check(): Promise<void> {}
  async list(): Promise<TokenFacts[]> {
    return [...this.tokens.values()];
  }
  async get(token: string): Promise<TokenFacts | null> {
    return this.tokens.get(token) ?? null;
  }
  async create(token: NewToken): Promise<TokenFacts> {
    const { fault } = this;
    if (this.tokens.has(token.token)) throw problem('token_name_taken');
    const facts = { ...token, completed: 0, pending: 0 };
    if (fault?.token !== token.token || fault.created) this.tokens.set(token.token, facts);
    if (fault?.token === token.token) throw fault.error;
    return facts;
  }
  async update(token: string, change: Partial<NewToken>): Promise<TokenFacts | null> {
    const facts = this.tokens.get(token);
    if (facts === undefined) return null;
    const updated = { ...facts, ...change };
    this.tokens.set(token, updated);
    this.updates++;
    if (this.lostUpdates-- > 0) throw problem('machine_slept');
    return updated;
  }
  async delete(token: string): Promise<boolean> {
    await this.onDelete(token);
    if (this.capabilities.removal === 'deletes') return this.tokens.delete(token);
    return this.#setRevoked(token, true) !== null;
  }
  async restore(token: string): Promise<TokenFacts | null> {
    if (this.capabilities.removal === 'deletes') throw problem('restore_unsupported');
    return this.#setRevoked(token, false);
  }
  #setRevoked(token: string, revoked: boolean): TokenFacts | null {
    const facts = this.tokens.get(token);
    if (facts === undefined) return null;
    const changed = { ...facts, revoked };
    this.tokens.set(token, changed);
    return changed;
  }
}

export interface TestTokens {
  readonly backend: MemoryBackend;
  readonly store: Store;
  readonly access: AccessControl;
  readonly tokens: Tokens;
  /** A request by Alice, without retries by default. */
  request(ref: string, options?: { step?: Step; retries?: RetryPolicy }): TokenRequest;
}

const NO_RETRIES: RetryPolicy = {
  quickTries: 1,
  maxDelayMs: 0,
  signal: new AbortController().signal,
};

export async function testTokens(store = new Store(':memory:')): Promise<TestTokens> {
  const backend = new MemoryBackend();
  const log = await createLog({ level: 'error', format: 'json' }, { write: () => undefined });
  const clock = () => NOW;
  const allowList = new AllowList({
    rules: { serverName: 'example.org', accessDefault: 'homeserver', deny: [] },
    configured: [],
    table: store.allowed,
    clock,
  });
  const access = new AccessControl({ allowList, audit: store.audit, clock, log });
  let made = 0;
  const tokens = openTokens({
    backend,
    audit: store.audit,
    defaults: { uses: 1, expiry: 7 * DAY, length: 16 },
    clock,
    generate: (length) => `made-${++made}`.padEnd(length, '0'),
    log,
  });
  return {
    backend,
    store,
    access,
    tokens,
    request: (ref, { step = unrecorded, retries = NO_RETRIES } = {}) => ({
      by: access.require(alice),
      ref,
      retries,
      step,
    }),
  };
}

/** Stores the values, as the inbox does. */
export function recordedStep(kept = new Map<string, string>()): Step {
  return async (name, schema, choose) => {
    const known = kept.get(name);
    if (known !== undefined) return schema.parse(JSON.parse(known));
    const value = await choose();
    kept.set(name, JSON.stringify(value));
    return value;
  };
}
