// A link to the page that is signed in: the server never sees what stands after `#`.

/** Empty: not known. */
export interface LinkedAccount {
  homeserver: string;
  user: string;
  token: string;
  room: string;
}

export function readLink(fragment: string): LinkedAccount {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const read = (name: string): string => parameters.get(name) ?? '';
  return { homeserver: read('homeserver'), user: read('user'), token: read('token'), room: read('room') };
}

export function writeLink({ homeserver, user, token, room }: LinkedAccount): string {
  return `#${new URLSearchParams({ homeserver, user, token, ...(room === '' ? {} : { room }) })}`;
}
