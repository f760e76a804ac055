// Finds the homeserver's address, and checks it without an account.
import { problem } from '../../../common/problems/problem.ts';
import { isServerName, serverNameOf } from '../../../common/userId.ts';
import { parseHttpUrl } from '../../config/addresses.ts';
import { HomeserverClient } from '../../matrix/client.ts';
import { RequestFailed } from '../../matrix/errors.ts';
import { findingText } from '../../status/finding.ts';
import { homeserverFinding } from '../../status/report.ts';

const WELL_KNOWN = '/.well-known/matrix/client';
const TIMEOUT_MS = 15_000;

/**
 * The address at which a homeserver answers, without a trailing slash.
 * @param text an address, a server name, or anybody's user ID there
 * @throws Problem
 */
export async function findHomeserver(text: string): Promise<string> {
  const address = /^https?:/i.test(text) ? addressIn(text) : await discover(serverNameOf(text) ?? text);
  const finding = await homeserverFinding({ server: address, signal: new AbortController().signal });
  if (finding.state === 'problem') throw problem('server_unusable', { why: findingText(finding) });
  return address;
}

function addressIn(text: string): string {
  const parsed = parseHttpUrl(text);
  if (parsed.ok) return parsed.url;
  throw problem('server_address_invalid', { text: JSON.stringify(text), hint: parsed.hint });
}

/** https://spec.matrix.org/v1.16/client-server-api/#server-discovery */
async function discover(serverName: string): Promise<string> {
  if (!isServerName(serverName)) {
    throw problem('server_name_invalid', { text: JSON.stringify(serverName) });
  }
  const own = `https://${serverName}`;
  const baseUrl = await wellKnown(own);
  if (baseUrl === undefined) return own;
  const parsed = parseHttpUrl(baseUrl);
  if (parsed.ok) return parsed.url;
  throw problem('well_known_invalid', { file: own + WELL_KNOWN, text: JSON.stringify(baseUrl) });
}

/** What the server says of its homeserver; undefined: it says nothing. @throws RequestFailed if it can't be reached */
async function wellKnown(server: string): Promise<string | undefined> {
  try {
    const limits = { timeoutMs: TIMEOUT_MS, patienceMs: 0 };
    const answer = await new HomeserverClient(server, '').request('GET', WELL_KNOWN, undefined, limits);
    const { 'm.homeserver': homeserver } = answer as { 'm.homeserver'?: { base_url?: unknown } };
    return typeof homeserver?.base_url === 'string' ? homeserver.base_url : undefined;
  } catch (error) {
    // A web site without the file: the homeserver may be there all the same.
    if (error instanceof RequestFailed && error.status !== undefined) return undefined;
    throw error;
  }
}
