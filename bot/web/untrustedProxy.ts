// Notices a reverse proxy that is not in `web.trusted_proxies`: all requests through it count as one address.
import type { Log } from '../observability/log.ts';

export class UntrustedProxy {
  readonly #log: Log;
  #address: string | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Where such requests came from, the first time since the start; undefined: there were none. */
  get address(): string | undefined {
    return this.#address;
  }

  /** @param from the address of a connection on which `X-Forwarded-For` came, and which is not trusted */
  notice(from: string): void {
    // Once only: if the port is reachable without the proxy, anybody can send that header.
    if (this.#address !== undefined) return;
    this.#address = from.replace(/^::ffff:(?=[\d.]+$)/i, '');
    this.#log.warn(
      `X-Forwarded-For of ${this.#address} is ignored, so everybody behind it counts as one address. If it is your reverse proxy, add it to web.trusted_proxies.`,
    );
  }
}
