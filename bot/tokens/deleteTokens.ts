import { Problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { retryTransient, type TokenRequest } from './request.ts';
import { record, type Tokens } from './tokens.ts';

export type DeletionResult =
  | { readonly token: string; readonly outcome: 'deleted' | 'not_found' }
  | { readonly token: string; readonly outcome: 'failed'; readonly problem: Problem };

export interface DeletionOptions {
  /** All were there when the deletion was written down: one that is gone now was deleted by an earlier try. */
  readonly wereThere?: boolean;
  /** One after the other, and none after one that failed. Default: several at once, and each is tried. */
  readonly stopAtFailure?: boolean;
}

/** So many deletions are under way at once. */
const AT_ONCE = 4;

/** What came of each token that was tried, in the order in which they were done. */
export async function deleteTokens(
  tokens: Tokens,
  request: TokenRequest,
  names: readonly string[],
  { wereThere = false, stopAtFailure = false }: DeletionOptions = {},
): Promise<readonly DeletionResult[]> {
  const results: DeletionResult[] = [];
  const waiting = new Set(names).values();
  let { retries } = request;
  const work = async () => {
    for (const token of waiting) {
      try {
        const deleted = await deleteOne(tokens, { ...request, retries }, token, wereThere);
        results.push({ token, outcome: deleted ? 'deleted' : 'not_found' });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        results.push({ token, outcome: 'failed', problem: error });
        if (stopAtFailure) return;
        // It has failed in all its tries, so the homeserver is down: the rest must not wait as long each.
        if (error.transient) retries = { ...retries, quickTries: 1 };
      }
    }
  };
  await Promise.all(Array.from({ length: stopAtFailure ? 1 : AT_ONCE }, work));
  return results;
}

/** false: there was no such token. */
async function deleteOne(
  tokens: Tokens,
  request: TokenRequest,
  token: string,
  wereThere: boolean,
): Promise<boolean> {
  let wasThere = wereThere;
  const found = await retryTransient(async () => {
    try {
      return await tokens.backend.delete(token);
    } catch (error) {
      wasThere ||= mayHaveDeleted(error);
      throw error;
    }
  }, request.retries);
  const deleted = found || wasThere;
  if (deleted) record(tokens, request, 'delete', token);
  // Also if somebody else has deleted it: who still sees it should not.
  tokens.changes.emit({ kind: 'token_removed', token });
  return deleted;
}

/** Whether a deletion that failed may have been carried out: if the token is gone at the next try, it was. */
function mayHaveDeleted(error: unknown): boolean {
  return error instanceof RequestFailed && error.kind !== 'rate_limited' && error.status !== 404;
}
