import { problem } from '../../common/problems/problem.ts';
import { storeProblem } from '../store/fault.ts';

/** What to say of an error on writing to the crypto store, with which the bot has to end. */
export function keysUnwritable(error: unknown): unknown {
  if (!(error instanceof Error) || storeProblem(error) === undefined) return error;
  return problem('keys_unwritable', { reason: error.message }, { cause: error });
}
