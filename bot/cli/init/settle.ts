import { Problem, problem } from '../../../common/problems/problem.ts';
import type { Log } from '../../observability/log.ts';
import type { Dialog } from './dialog.ts';
import type { Logins } from './logins.ts';
import type { Given } from './options.ts';

/** What all steps of `init` work with. */
export interface Setting {
  readonly given: Given;
  /** undefined without a terminal: only given values are used. */
  readonly dialog: Dialog | undefined;
  readonly logins: Logins;
  readonly log: Log;
}

/**
 * Tries what was given, then asks until it works.
 * @param attempt throws a `Problem` if the answer will not do
 * @throws Problem if it will not do and nobody can be asked; what `ask` throws
 */
export async function settle<A, R>(
  dialog: Dialog | undefined,
  given: A | undefined,
  ask: (dialog: Dialog) => Promise<A>,
  attempt: (answer: A) => Promise<R>,
): Promise<R> {
  for (let answer = given; ; answer = undefined) {
    try {
      return await attempt(answer ?? (await ask(required(dialog))));
    } catch (error) {
      if (!(error instanceof Problem) || dialog === undefined) throw error;
      dialog.bad(error.sentence);
    }
  }
}

/** @throws Problem if nobody can be asked */
export function required(dialog: Dialog | undefined): Dialog {
  if (dialog !== undefined) return dialog;
  throw problem('nobody_to_ask');
}
