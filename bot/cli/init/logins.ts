// The logins that `init` makes: each is used again for the check at the end, since homeservers allow only a few within
// some minutes, and none is left behind.
import { HomeserverClient } from '../../matrix/client.ts';
import { RequestFailed } from '../../matrix/errors.ts';
import { type Account, type Session, type SessionStore, signIn } from '../../matrix/signIn.ts';
import type { Log } from '../../observability/log.ts';

type Made = Session & { readonly server: string };

export class Logins {
  readonly stores: Readonly<Record<Account['section'], SessionStore>>;
  readonly #log: Log;
  readonly #made: Made[] = [];

  constructor(log: Log) {
    this.#log = log;
    this.stores = { bot: this.#inMemory(), api: this.#inMemory() };
  }

  /** @throws as `signIn` does */
  async signIn(account: Account): Promise<Session> {
    return await signIn(account, this.stores[account.section], this.#log);
  }

  /** Ends those that were made with a password. Returns the devices for which that failed. */
  async end(): Promise<string[]> {
    const left: string[] = [];
    for (const { server, accessToken, deviceId } of this.#made.splice(0)) {
      try {
        await new HomeserverClient(server, accessToken).request('POST', '/_matrix/client/v3/logout');
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        left.push(deviceId ?? '');
      }
    }
    return left;
  }

  #inMemory(): SessionStore {
    let kept: string | undefined;
    return {
      load: () => kept,
      save: (session) => {
        kept = session;
        this.#made.push(JSON.parse(session) as Made);
      },
      forget: () => {
        kept = undefined;
      },
    };
  }
}
