// A link to the page that is signed in: the server never sees what stands after `#`.

import { type HostName, hostNamed } from './hosts.ts';

/** Empty: not known. */
export interface LinkedAccount {
  homeserver: string;
  user: string;
  token: string;
  room: string;
}

export function readLink(fragment: string): LinkedAccount & { host: HostName } {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const read = (name: string): string => parameters.get(name) ?? '';
  return {
    homeserver: read('homeserver'),
    user: read('user'),
    token: read('token'),
    room: read('room'),
    host: hostNamed(read('host')),
  };
}

export function writeLink(account: LinkedAccount, host: HostName = 'demo'): string {
  const { homeserver, user, token, room } = account;
  const more = { ...(room === '' ? {} : { room }), ...(host === 'demo' ? {} : { host }) };
  return `#${new URLSearchParams({ homeserver, user, token, ...more })}`;
}
