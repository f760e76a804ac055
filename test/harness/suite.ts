// One homeserver for the tests of a file.
import { afterAll, beforeAll } from 'vitest';
import type { SynapseOptions } from './synapse.ts';
import { TestServer } from './testServer.ts';

/** Starts the server before the file's other `beforeAll`, and ends it with its bots and people after the tests. */
export function useTestServer(options: SynapseOptions = {}): TestServer {
  const server = new TestServer(options);
  beforeAll(() => server.start());
  afterAll(() => server[Symbol.asyncDispose]());
  return server;
}
