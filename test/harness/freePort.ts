import { createServer } from 'node:net';

// Below what Linux and macOS hand out by themselves: a port that is free now may be needed again after a restart, and
// must not become the source port of another connection in the meantime.
const FIRST = 20_000;
const COUNT = 10_000;
const ATTEMPTS = 50;

/** A free TCP port on 127.0.0.1. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port found on 127.0.0.1 between ${FIRST} and ${FIRST + COUNT}.`);
}

/** Whether the port on 127.0.0.1 is free. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
