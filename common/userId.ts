// Matrix user IDs: `@localpart:server.name` (https://spec.matrix.org/v1.16/appendices/#user-identifiers).

/** Server names: host or IP address, with an optional port. */
const SERVER_NAME = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

export function isServerName(text: string): boolean {
  return text.length <= 255 && SERVER_NAME.test(text);
}

/** The server name of a user ID; undefined if it is not a user ID. */
export function serverNameOf(userId: string): string | undefined {
  if (!userId.startsWith('@')) return undefined;
  const colon = userId.indexOf(':');
  if (colon < 1) return undefined;
  const server = userId.slice(colon + 1);
  return isServerName(server) ? server : undefined;
}
