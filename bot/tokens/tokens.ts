// What the use cases of registration tokens work with. Each is a function in a file of its own that gets this, the
// request and its input; nothing else talks to a backend. They throw a `Problem`: what they name, and what
// `RegistrationBackend` throws.
import { type RegistrationToken, type TokenFacts, tokenState, tokenValueSchema } from '../../common/token.ts';
import type { Clock } from '../lib/clock.ts';
import { Emitter } from '../lib/emitter.ts';
import { KeyedQueue } from '../lib/keyedQueue.ts';
import { type Log, shortToken } from '../observability/log.ts';
import type { AuditAction, AuditTable } from '../store/audit.ts';
import type { RegistrationBackend } from './backends/backend.ts';
import type { TokenRequest } from './request.ts';

interface TokenDefaults {
  readonly uses: number | null;
  /** ms from creation; null: never expires. */
  readonly expiry: number | null;
  readonly length: number;
}

/** What was changed through the bot. */
export type TokenChange =
  | { readonly kind: 'token'; readonly token: RegistrationToken }
  | { readonly kind: 'token_removed'; readonly token: string };

export interface TokensOptions {
  readonly backend: RegistrationBackend;
  readonly audit: AuditTable;
  readonly defaults: TokenDefaults;
  readonly clock: Clock;
  /** Makes up a token of so many characters. */
  readonly generate: (length: number) => string;
  readonly log: Log;
}

export interface Tokens extends TokensOptions {
  readonly changes: Emitter<TokenChange>;
  /** Edits of the same token, one after the other: two may be decided on the same limits. */
  readonly edits: KeyedQueue;
}

export function openTokens(options: TokensOptions): Tokens {
  const changes = new Emitter<TokenChange>((error, { kind }) =>
    options.log.error({ err: error, change: kind }, 'A change could not be passed on.'),
  );
  return { ...options, changes, edits: new KeyedQueue() };
}

/** null: there is no such token. */
export async function findToken(tokens: Tokens, name: string): Promise<RegistrationToken | null> {
  // What can't be a token is none; the homeserver need not be asked.
  if (!tokenValueSchema.safeParse(name).success) return null;
  const facts = await tokens.backend.get(name);
  return facts === null ? null : withState(facts, tokens.clock());
}

/** @param now epoch ms */
export function withState(facts: TokenFacts, now: number): RegistrationToken {
  const { token, uses_allowed, completed, pending, expiry_time } = facts;
  const state = tokenState(facts, now);
  return { id: token, token, uses_allowed, completed, pending, expiry_time, state };
}

/** Writes to audit and log what was done. */
export function record(
  { audit, clock, log }: Tokens,
  { by, ref }: TokenRequest,
  action: AuditAction,
  token: string,
  details?: unknown,
): void {
  audit.record(clock(), by, action, token, details, ref);
  log.info({ userId: by.userId, via: by.via, registrationToken: shortToken(token) }, `${action} done`);
}
