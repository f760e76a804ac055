// A Synapse outside of the tests' control, named by TEST_SYNAPSE_URL.
import { randomBytes } from 'node:crypto';
import { requestJson } from './matrixHttp.ts';
import type { Synapse, SynapseOptions } from './synapse.ts';
import type { ExternalServer } from './synapseInstall.ts';
import { registerUser } from './users.ts';

/** Throws an `Error` if the server does not answer, or if `options` ask for what only a server of our own can have. */
export async function connectExternal(server: ExternalServer, options: SynapseOptions): Promise<Synapse> {
  const { baseUrl, sharedSecret } = server;
  const impossible = (['serverName', 'rateLimits', 'extraConfig', 'port', 'dataDir'] as const).filter(
    (key) => options[key] !== undefined,
  );
  if (impossible.length > 0) throw notOurs(`configured (${impossible.join(', ')})`);
  const keys = await requestJson<{ server_name: string }>(baseUrl, 'GET', '/_matrix/key/v2/server');
  const refuse = (what: string) => async (): Promise<never> => {
    throw notOurs(what);
  };
  const nothing = async () => {};
  return {
    baseUrl,
    serverName: keys.server_name,
    sharedSecret,
    external: true,
    get dataDir(): string {
      throw notOurs('looked into (dataDir)');
    },
    get logFile(): string {
      throw notOurs('looked into (logFile)');
    },
    pid: undefined,
    registerUser: (localpart, password, { admin = false } = {}) =>
      registerUser(
        { baseUrl, sharedSecret },
        { localpart: `${localpart}-${randomBytes(4).toString('hex')}`, password, admin },
      ),
    start: refuse('started'),
    stop: refuse('stopped'),
    kill: refuse('killed'),
    restart: refuse('restarted'),
    dispose: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}

function notOurs(what: string): Error {
  return new Error(
    `The Synapse named by TEST_SYNAPSE_URL can't be ${what} from here. Run this test without TEST_SYNAPSE_URL.`,
  );
}
