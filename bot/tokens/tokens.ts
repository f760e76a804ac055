// What the token use cases share. Each is a function in its own file, called with `Tokens`, the request and the input;
// only they call the backend. They throw the `Problem`s that they name, and those of `RegistrationBackend`.
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

/** A change made through the bot. */
export type TokenChange =
  | { readonly kind: 'token'; readonly token: RegistrationToken }
  | { readonly kind: 'token_removed'; readonly token: string };

export interface TokensOptions {
  readonly backend: RegistrationBackend;
  readonly audit: AuditTable;
  readonly defaults: TokenDefaults;
  readonly clock: Clock;
  /** Returns a random token of `length` characters. */
  readonly generate: (length: number) => string;
  readonly log: Log;
}

export interface Tokens extends TokensOptions {
  readonly changes: Emitter<TokenChange>;
  /** Runs edits of the same token one at a time: two at once could be planned on the same limits. */
  readonly edits: KeyedQueue;
}

export function openTokens(options: TokensOptions): Tokens {
  const changes = new Emitter<TokenChange>((error, { kind }) =>
    options.log.error({ err: error, change: kind }, 'Could not pass a change on to open widgets.'),
  );
  return { ...options, changes, edits: new KeyedQueue() };
}

/** null: there is no such token. */
export async function findToken(tokens: Tokens, name: string): Promise<RegistrationToken | null> {
  // An invalid name can't exist: no need to ask the homeserver.
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

/** Writes an action to the audit and the log. */
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
