import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveWidget } from './widgetFiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'widget-files-'));
const app = express();
app.enable('strict routing');
serveWidget(app, express, folder);
const server = app.listen(0, '127.0.0.1');

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Not `fetch`, which decompresses. */
async function get(path: string, acceptEncoding = 'identity') {
  const { port } = server.address() as AddressInfo;
  const sent = request({ port, path, headers: { 'accept-encoding': acceptEncoding } }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode, headers: answer.headers, content: Buffer.concat(chunks) };
}

test('without a build, the page says how to build it', async () => {
  const { status, content } = await get('/widget/');
  expect(status).toBe(503);
  expect(content.toString()).toContain('npm run build');
});

test('the page is revalidated, hashed files are immutable, compressed files are negotiated', async () => {
  const script = 'console.log("hello");';
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), script);
  writeFileSync(join(folder, 'assets', 'index-abc.js.br'), brotliCompressSync(script));
  writeFileSync(join(folder, 'assets', 'index-abc.css'), 'body {}');

  const page = await get('/widget/');
  expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
  expect(page.content.toString()).toBe('<!doctype html>');

  const packed = await get('/widget/assets/index-abc.js', 'gzip, br');
  expect(packed.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'content-encoding': 'br',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  });
  expect(brotliDecompressSync(packed.content).toString()).toBe(script);
  const plain = await get('/widget/assets/index-abc.js', 'gzip');
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.content.toString()).toBe(script);
  expect((await get('/widget/assets/index-abc.css', 'br')).status).toBe(200);
});

test('redirects to the address with a slash, relative to any path prefix', async () => {
  expect(await get('/widget')).toMatchObject({ status: 308, headers: { location: 'widget/' } });
});

test.each([
  '/widget/../package.json',
  '/widget/%2e%2e/package.json',
  '/widget/.env',
  '/widget/assets/none.js',
])('%s is not found', async (path) => {
  expect((await get(path)).status).toBe(404);
});
