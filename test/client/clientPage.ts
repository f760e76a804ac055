// Builds the client page and serves it on this machine.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import express from 'express';
import { writeLink } from './page/link.ts';

export { writeLink };

const ROOT = resolve(import.meta.dirname, '..', '..');
const BUILT = join(ROOT, '.cache', 'client-page');

/** Takes about two seconds. */
export async function buildClientPage(): Promise<void> {
  const { build } = await import('vite');
  await build({
    root: join(import.meta.dirname, 'page'),
    configFile: false,
    base: './',
    mode: 'production',
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    // Otherwise it follows NODE_ENV, which test runners set.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir: BUILT, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 10_000 },
  });
}

export interface ClientPageServer {
  /** `http://localhost:PORT/` */
  readonly address: string;
  close(): Promise<void>;
}

/** @param port default: any that is free */
export async function serveClientPage(port = 0): Promise<ClientPageServer> {
  const app = express();
  app.use(express.static(BUILT, { cacheControl: false }));
  const server = createServer(app);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
