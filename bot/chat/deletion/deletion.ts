// Decides which tokens a confirmed deletion deletes. Pure.
import * as z from 'zod/mini';
import { type RegistrationToken, TOKEN_STATES, type TokenState } from '../../../common/token.ts';
import type { Words } from '../../words/words.ts';

const scopeSchema = z.enum(['named', 'all', 'expired', 'used']);
/** Named tokens; or all, all expired, all used up ones. */
export type DeletionScope = z.infer<typeof scopeSchema>;

/** The question shows that many with state and uses. */
export const MAX_DELETIONS_BY_NAME = 50;

/** A token as the question showed it. */
export const seenTokenSchema = z.object({
  token: z.string(),
  uses_allowed: z.nullable(z.number()),
  completed: z.number(),
  pending: z.nullable(z.number()),
  expiry_time: z.nullable(z.number()),
  state: z.enum(TOKEN_STATES),
});
export type SeenToken = z.infer<typeof seenTokenSchema>;

/** Stored until the question is answered and the deletion done. */
export const deletionRequestSchema = z.object({ scope: scopeSchema, tokens: z.array(seenTokenSchema) });
export type DeletionRequest = z.infer<typeof deletionRequestSchema>;

/** The decision for each token of a confirmed request; stored as well. */
export const deletionDecisionSchema = z.object({
  delete: z.array(z.string()),
  /** Deleted although they changed since the question; in words, which follow the token. */
  changed: z.array(z.object({ token: z.string(), what: z.string() })),
  /** Not deleted, because what was asked for (“all expired”) is not true of them any more. */
  kept: z.array(z.string()),
  /** Not there any more. */
  gone: z.array(z.string()),
});
export type DeletionDecision = z.infer<typeof deletionDecisionSchema>;

export function inScope(token: { state: TokenState }, scope: DeletionScope): boolean {
  return scope === 'named' || scope === 'all' || token.state === scope;
}

/** Compares the tokens of the question with the current ones. Never deletes tokens created since. */
export function decideDeletion(
  request: DeletionRequest,
  now: readonly RegistrationToken[],
  words: Words['deletion']['change'],
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
      const what = changeInWords(seen, token, words);
      if (what !== undefined) decision.changed.push({ token: seen.token, what });
    }
  }
  return decision;
}

/** Drops all fields that are not stored with the question. */
export function asSeen({
  token,
  uses_allowed,
  completed,
  pending,
  expiry_time,
  state,
}: SeenToken): SeenToken {
  return { token, uses_allowed, completed, pending, expiry_time, state };
}

function changeInWords(
  before: SeenToken,
  after: SeenToken,
  words: Words['deletion']['change'],
): string | undefined {
  const used = after.completed - before.completed;
  if (used > 0) return words.used(used);
  if ((after.pending ?? 0) > (before.pending ?? 0)) return words.registering;
  if (after.uses_allowed !== before.uses_allowed || after.expiry_time !== before.expiry_time)
    return words.edited;
  return undefined;
}
