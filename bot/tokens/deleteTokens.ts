import { Problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { retryTransient, type TokenRequest } from './request.ts';
import { record, type Tokens } from './tokens.ts';

export type DeletionResult =
  | { readonly token: string; readonly outcome: 'deleted' | 'not_found' }
  | { readonly token: string; readonly outcome: 'failed'; readonly problem: Problem };

export interface DeletionOptions {
  /** All tokens existed when the deletion was stored: a missing one was deleted by an earlier attempt. */
  readonly existedBefore?: boolean;
  /** Delete one at a time and stop at the first failure. Default: several at once, and all are tried. */
  readonly stopAtFailure?: boolean;
}

/** Concurrent requests. */
const CONCURRENCY = 4;

/** The result for each token that was tried, in order of completion. */
export async function deleteTokens(
  tokens: Tokens,
  request: TokenRequest,
  names: readonly string[],
  { existedBefore = false, stopAtFailure = false }: DeletionOptions = {},
): Promise<readonly DeletionResult[]> {
  const results: DeletionResult[] = [];
  const waiting = new Set(names).values();
  let { retries } = request;
  const work = async () => {
    for (const token of waiting) {
      try {
        const deleted = await deleteOne(tokens, { ...request, retries }, token, existedBefore);
        results.push({ token, outcome: deleted ? 'deleted' : 'not_found' });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        results.push({ token, outcome: 'failed', problem: error });
        if (stopAtFailure) return;
        // All retries failed, so the homeserver is down: try each remaining token only once.
        if (error.transient) retries = { ...retries, quickTries: 1 };
      }
    }
  };
  await Promise.all(Array.from({ length: stopAtFailure ? 1 : CONCURRENCY }, work));
  return results;
}

/** false: there was no such token. */
async function deleteOne(
  tokens: Tokens,
  request: TokenRequest,
  token: string,
  existedBefore: boolean,
): Promise<boolean> {
  let existed = existedBefore;
  const found = await retryTransient(async () => {
    try {
      return await tokens.backend.delete(token);
    } catch (error) {
      existed ||= mayHaveDeleted(error);
      throw error;
    }
  }, request.retries);
  const deleted = found || existed;
  if (deleted) record(tokens, request, 'delete', token);
  // Also if somebody else deleted it: widgets must drop it from their lists.
  tokens.changes.emit({ kind: 'token_removed', token });
  return deleted;
}

/** Whether a failed deletion may have succeeded: if the token is gone at the next attempt, it has. */
function mayHaveDeleted(error: unknown): boolean {
  return error instanceof RequestFailed && error.kind !== 'rate_limited' && error.status !== 404;
}
