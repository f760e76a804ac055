// The findings of `status` and `check` about a reverse proxy that is not in `web.trusted_proxies`.
import type { Config } from '../config/config.ts';
import { widgetPlace } from '../config/widgetPlace.ts';
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
  if ('off' in widgetPlace(widget, bot.trust)) return [];
  try {
    const answer = await fetch(`${widget.public_url}/health/live`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { proxy } = (await answer.json()) as { proxy?: unknown };
    if (proxy !== 'untrusted') return [];
  } catch {
    return [];
  }
  const text = `the one at ${widget.public_url} is not in web.trusted_proxies, so that everybody behind it counts as one address. The bot’s log and \`status\` name its address.`;
  return [{ state: 'note', code: 'proxy_untrusted', about: ABOUT, text: () => [text] }];
}
