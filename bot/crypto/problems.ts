import { Problem } from '../../common/problem.ts';
import type { Homeserver } from '../homeserver/homeserver.ts';

/** Keys that can't be used with the device that the bot is logged in as: starting again does not help. */
export function keysUnusable(
  cause: string,
  { canLogIn }: Pick<Homeserver, 'canLogIn'>,
  options?: ErrorOptions,
): Problem {
  return new Problem('encryption_keys_unusable', cause, remedy(canLogIn), options);
}

function remedy(canLogIn: boolean): string {
  return canLogIn
    ? 'Stop the bot and move crypto.sqlite (with crypto.sqlite-wal and crypto.sqlite-shm) out of the data folder: at the next start the bot logs in as a new device.'
    : 'Log in anew (a login of its own for the bot), put that access token under bot.access_token, and move crypto.sqlite (with crypto.sqlite-wal and crypto.sqlite-shm) out of the data folder.';
}
