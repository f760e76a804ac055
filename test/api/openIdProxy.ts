// For suites about sign-in: a proxy that the bot asks who somebody is, and a clock that the test moves.
import { beforeAll, beforeEach } from 'vitest';
import type { Settings } from '../harness/botProcess.ts';
import { MovableClock } from '../harness/movableClock.ts';
import type { Proxy as FaultyProxy } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';

/** At the start of each test the proxy passes everything on and has seen nothing, and the clock is right. */
export class OpenIdProxySuite {
  readonly server = useTestServer();
  readonly clock = new MovableClock();
  #proxy: FaultyProxy | undefined;

  constructor() {
    beforeAll(async () => {
      this.#proxy = await this.server.proxy();
    });
    beforeEach(() => {
      this.clock.ahead = 0;
      this.proxy.clear();
      this.proxy.requests.length = 0;
    });
  }

  get proxy(): FaultyProxy {
    if (this.#proxy === undefined) throw new Error('The proxy is there only while a test runs.');
    return this.#proxy;
  }

  async startBot(localpart: string, settings: Settings = {}): Promise<RestartableBot> {
    return await this.server.startBot({
      localpart,
      settings: { ...WIDGET_SETTINGS, WIDGET_OPENID_URL: this.proxy.baseUrl, ...settings },
      clock: this.clock.now,
    });
  }
}
