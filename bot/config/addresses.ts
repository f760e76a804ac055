// Web addresses in the configuration.

import { BlockList, isIP } from 'node:net';
import { HINTS } from './messages.ts';

export type HttpUrl =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly hint: string };

/** Reads an http or https address that other paths are appended to; `url` has no trailing slash. */
export function parseHttpUrl(text: string): HttpUrl {
  // `new URL` would repair https:/host, and take "host:8008" for a scheme.
  if (!/^https?:\/\//i.test(text)) {
    return { ok: false, hint: HINTS.address_scheme };
  }
  if (/\s/.test(text) || !URL.canParse(text)) return { ok: false, hint: HINTS.address_invalid };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return { ok: false, hint: HINTS.address_credentials };
  }
  if (/[?#]/.test(text)) return { ok: false, hint: HINTS.address_query };
  return { ok: true, url: url.href.replace(/\/+$/, '') };
}

const ORIGIN =
  /^([a-z][a-z0-9+.-]*):\/\/((?:\*\.)?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?\/?$/i;

/**
 * The origin in a text, as CSP writes it, or undefined. Schemes other than http(s) are fine: desktop clients have
 * their own. Nothing that could end a CSP directive gets through.
 */
export function originText(text: string): string | undefined {
  const parts = ORIGIN.exec(text);
  if (!parts) return undefined;
  const [, scheme = '', host = '', port = ''] = parts;
  return `${scheme}://${host}${port}`.toLowerCase();
}

export type Network =
  | { readonly ok: true; readonly network: string }
  | { readonly ok: false; readonly hint: string };

/** Reads an IP address, or a network in CIDR notation; IPv4 may be written as IPv6 (`::ffff:172.18.0.2`). */
export function parseNetwork(text: string): Network {
  const [, address = '', prefix] = /^([^/%]*)(?:\/(.*))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return { ok: false, hint: HINTS.proxy_address };
  if (prefix === undefined) return { ok: true, network: text };
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(bits <= (version === 4 ? 32 : 128))) return { ok: false, hint: HINTS.network_prefix };
  // The first 96 bits of an IPv4 address that is written as IPv6 say only that.
  const isEverybody = bits <= (/^::ffff:/i.test(address) ? 96 : 0);
  return isEverybody ? { ok: false, hint: HINTS.network_everybody } : { ok: true, network: text };
}

/** Whether a browser treats a page there as secure even without https; these three names only. */
export function isLocalhostUrl(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

/** Whether the host looks like one that only the same machine or a private network can reach. */
export function looksPrivate(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(host);
  if (version !== 0) return privateNetworks().check(host, version === 6 ? 'ipv6' : 'ipv4');
  // Without a dot: a container's or a machine's name in the local network.
  return !host.includes('.') || /\.(?:localhost|local|lan|internal|intranet|home\.arpa|test)$/.test(host);
}

function privateNetworks(): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addSubnet('10.0.0.0', 8, 'ipv4');
  list.addSubnet('172.16.0.0', 12, 'ipv4');
  list.addSubnet('192.168.0.0', 16, 'ipv4');
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  list.addSubnet('100.64.0.0', 10, 'ipv4');
  list.addAddress('::1', 'ipv6');
  list.addSubnet('fc00::', 7, 'ipv6');
  list.addSubnet('fe80::', 10, 'ipv6');
  return list;
}
