// The findings of `status` and `check` about a reverse proxy that is not in `web.trusted_proxies`.
import type { Config } from '../config/config.ts';
import { widgetPlace } from '../config/widgetPlace.ts';
import { HomeserverClient } from '../matrix/client.ts';
import { asObject } from '../matrix/json.ts';
import type { Finding } from './finding.ts';

const ABOUT = 'Proxy';
const TIMEOUT_MS = 3_000;

/** @param address of the untrusted proxy; undefined: none was noticed */
export function proxyFindings(address: string | undefined): Finding[] {
  if (address === undefined) return [];
  const text: Finding['text'] = ({ status }) => [status.proxyUntrusted];
  return [{ state: 'note', code: 'proxy_untrusted', about: ABOUT, text, detail: address }];
}

/**
 * For `check`, a process of its own that sees no requests: asks the running bot through the public address. Empty if no
 * bot answers there: it need not run yet.
 */
export async function publicProxyFindings({ bot, widget }: Config): Promise<Finding[]> {
  const { public_url } = widget;
  if (public_url === undefined || 'off' in widgetPlace(widget, bot.trust)) return [];
  try {
    const client = new HomeserverClient(public_url, '');
    const limits = { timeoutMs: TIMEOUT_MS, patienceMs: 0 };
    const answer = await client.request('GET', '/health/live', undefined, limits);
    const { proxy } = asObject(answer);
    if (proxy !== 'untrusted') return [];
  } catch {
    return [];
  }
  const text = `the one at ${public_url} is not in web.trusted_proxies, so that everybody behind it counts as one address. The bot’s log and \`status\` name its address.`;
  return [{ state: 'note', code: 'proxy_untrusted', about: ABOUT, text: () => [text] }];
}
