import { Problem } from '../../common/problem.ts';
import type { MatrixSession } from '../matrix/session.ts';
import { storeProblem } from '../store/fault.ts';

/** Keys that can't be used with the device that the bot is logged in as: starting again does not help. */
export function keysUnusable(
  cause: string,
  { canLogIn }: Pick<MatrixSession, 'canLogIn'>,
  options?: ErrorOptions,
): Problem {
  return new Problem('encryption_keys_unusable', cause, remedy(canLogIn), options);
}

/** What to say of an error on writing to the crypto store, with which the bot has to end. */
export function keysUnwritable(error: unknown): unknown {
  if (!(error instanceof Error) || storeProblem(error) === undefined) return error;
  return new Problem(
    'data_dir_unusable',
    `The encryption keys can’t be written to crypto.sqlite in the data folder: ${error.message}.`,
    'Make room on its disk, or make it writable (bot.data_dir), and start the bot again: it then goes on where it stopped.',
    { cause: error },
  );
}

function remedy(canLogIn: boolean): string {
  return canLogIn
    ? 'Stop the bot and move crypto.sqlite (with crypto.sqlite-wal and crypto.sqlite-shm) out of the data folder: at the next start the bot logs in as a new device.'
    : 'Log in anew (a login of its own for the bot), put that access token under bot.access_token, and move crypto.sqlite (with crypto.sqlite-wal and crypto.sqlite-shm) out of the data folder.';
}
