// What a confirmed deletion is about. Pure.
import type { RegistrationToken, TokenState } from '../../../common/token.ts';

/** Named tokens; or all, all expired, all used up ones. */
export type DeletionScope = 'named' | 'all' | 'expired' | 'used';

/** As many as the question can show with state and uses. */
export const MAX_DELETIONS_BY_NAME = 50;

/** What the person saw of a token when they were asked. */
export type SeenToken = Pick<
  RegistrationToken,
  'token' | 'uses_allowed' | 'completed' | 'pending' | 'expiry_time' | 'state'
>;

export interface DeletionRequest {
  readonly scope: DeletionScope;
  readonly tokens: readonly SeenToken[];
}

/** What is done about each token of a confirmed request. */
export interface DeletionDecision {
  readonly delete: readonly string[];
  /** Deleted although they changed since the question; in words, with the token. */
  readonly changed: readonly { readonly token: string; readonly what: string }[];
  /** Not deleted, because what was asked for (“all expired”) is not true of them any more. */
  readonly kept: readonly string[];
  /** Not there any more. */
  readonly gone: readonly string[];
}

export function inScope(token: { state: TokenState }, scope: DeletionScope): boolean {
  return scope === 'named' || scope === 'all' || token.state === scope;
}

/** Compares what was asked about with what is there now. Tokens made since are never touched. */
export function decideDeletion(
  request: DeletionRequest,
  now: readonly RegistrationToken[],
): DeletionDecision {
  const current = new Map(now.map((token) => [token.token, token]));
  const decision = {
    delete: [] as string[],
    changed: [] as { token: string; what: string }[],
    kept: [] as string[],
    gone: [] as string[],
  };
  for (const seen of request.tokens) {
    const token = current.get(seen.token);
    if (token === undefined) {
      decision.gone.push(seen.token);
    } else if (!inScope(token, request.scope)) {
      decision.kept.push(seen.token);
    } else {
      decision.delete.push(seen.token);
      const what = changeInWords(seen, token);
      if (what !== undefined) decision.changed.push({ token: seen.token, what });
    }
  }
  return decision;
}

/** What of a token only says how things stood, so that it fits the store. */
export function asSeen({
  token,
  uses_allowed,
  completed,
  pending,
  expiry_time,
  state,
}: RegistrationToken): SeenToken {
  return { token, uses_allowed, completed, pending, expiry_time, state };
}

function changeInWords(before: SeenToken, after: SeenToken): string | undefined {
  const used = after.completed - before.completed;
  if (used > 0) return used === 1 ? 'was used once since' : `was used ${used} times since`;
  if ((after.pending ?? 0) > (before.pending ?? 0)) return 'somebody is registering with it right now';
  if (after.uses_allowed !== before.uses_allowed || after.expiry_time !== before.expiry_time)
    return 'was edited since';
  return undefined;
}
