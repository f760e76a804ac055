// The widget's API beside the tokens: access, status, health, its own description, and what is no route of it.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Status } from '../../common/apiResponses.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { ApiUser, ask, expectError, webAddress } from './apiUser.ts';

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let user: ApiUser;

beforeAll(async () => {
  bot = await server.startBot({ settings: WIDGET_SETTINGS });
  alice = await server.person('alice');
  user = await ApiUser.signIn(server, bot, alice);
});

beforeEach(async () => {
  await server.admin.deleteAllTokens();
});

describe('access', () => {
  test('is shown, given and taken back', async () => {
    const { serverName } = server;
    expect(await user.access()).toEqual({
      server_name: serverName,
      default: 'homeserver',
      by_default: true,
      patterns: [],
    });
    const pattern = `@b.*/x:${serverName}`;
    const given = await user.ask('/access', { method: 'POST', json: { patterns: [pattern] } });
    expect(given).toMatchObject({
      status: 200,
      body: { added: [pattern], already: [], also_added: alice.userId },
    });
    const added = { source: 'command', added_by: alice.userId, added_at: expect.any(Number) };
    expect((await user.access()).patterns).toEqual([
      { pattern, ...added },
      { pattern: alice.userId, ...added },
    ]);
    const own = await user.ask(`/access/${encodeURIComponent(alice.userId)}`, { method: 'DELETE' });
    expectError(own, 403, 'M_FORBIDDEN', { code: 'refused' });
    const taken = await user.ask(`/access/${encodeURIComponent(pattern)}`, { method: 'DELETE' });
    expect(taken).toMatchObject({ status: 200, body: { patterns: [{ pattern: alice.userId }] } });
    const last = `/access/${encodeURIComponent(alice.userId)}`;
    expectError(await user.ask(last, { method: 'DELETE' }), 409, 'M_UNKNOWN', {
      problem: 'access_would_open',
    });
    expectError(await user.ask(`${last}?confirm=false`, { method: 'DELETE' }), 409, 'M_UNKNOWN');
    expectError(await user.ask(`${last}?confirm=yes`, { method: 'DELETE' }), 400, 'M_INVALID_PARAM');
    expect((await user.access()).patterns).toHaveLength(1);
    await user.ask(`${last}?confirm=true`, { method: 'DELETE' });
    expect(await user.access()).toMatchObject({ by_default: true });
  });

  test('several are taken back at once, or none of them', async () => {
    const patterns = ['@a/b:x.org', '@c:x.org'];
    await user.ask('/access', { method: 'POST', json: { patterns } });
    const take = (json: unknown) => user.ask('/access/delete', { method: 'POST', json });
    const refused = await take({ patterns: [...patterns, '@nobody:x.org'] });
    expectError(refused, 403, 'M_FORBIDDEN', { code: 'refused' });
    expectError(await take({ patterns: [] }), 400, 'M_INVALID_PARAM');
    expect((await user.access()).patterns).toHaveLength(3);
    const taken = await take({ patterns });
    expect(taken).toMatchObject({ status: 200, body: { patterns: [{ pattern: alice.userId }] } });
    expectError(await take({ patterns: [alice.userId] }), 409, 'M_UNKNOWN', { code: 'refused' });
    expectError(await take({ patterns: [alice.userId], confirm: 'yes' }), 400, 'M_INVALID_PARAM');
    expect(await user.access()).toMatchObject({ by_default: false });
    await take({ patterns: [alice.userId], confirm: true });
    expect(await user.access()).toMatchObject({ by_default: true });
  });

  test.each([
    {},
    { patterns: [] },
    { patterns: ['@(:x'] },
    { patterns: ['bob'] },
    { patterns: [''] },
    { patterns: 'x' },
  ])('%j changes nothing', async (json) => {
    expectError(await user.ask('/access', { method: 'POST', json }), 400, 'M_INVALID_PARAM');
    expect(await user.access()).toMatchObject({ patterns: [] });
  });

  test('a pattern that is not on the list can’t be removed', async () => {
    expectError(
      await user.ask('/access/%40nobody%3Aelsewhere.org', { method: 'DELETE' }),
      403,
      'M_FORBIDDEN',
      {
        code: 'refused',
      },
    );
  });
});

test('status says what works', async () => {
  const { body } = await user.ask<Status>('/status');
  expect(body.findings).toContainEqual({
    state: 'ok',
    code: 'widget_ok',
    about: 'Widget',
    text: 'served at http://localhost:18080/widget/',
  });
  expect(body.findings.map(({ about }) => about)).toContain('Token API');
});

test.each([
  ['PUT', '/tokens', 'GET, POST'],
  ['OPTIONS', '/tokens', 'GET, POST'],
  ['POST', '/tokens/x', 'GET, PATCH, DELETE'],
  ['GET', '/access/x', 'DELETE'],
  ['PUT', '/tokens/delete', 'GET, PATCH, DELETE, POST'],
  ['GET', '/access/delete', 'DELETE, POST'],
  ['POST', '/status', 'GET'],
  ['POST', '/events', 'GET'],
])('%s %s is not known', async (method, path, allow) => {
  const answer = await user.ask(path, { method });
  expectError(answer, 405, 'M_UNRECOGNIZED');
  expect(answer.headers.get('allow')).toBe(allow);
});

test('HEAD of the events returns their headers, and ends', async () => {
  // A client of HTTP would not wait for the end: the answer has no body.
  const { hostname, port } = new URL(webAddress(bot));
  const socket = connect(Number(port), hostname);
  const headers = [`Host: ${hostname}`, `Authorization: Bearer ${user.token}`, 'Connection: close'];
  socket.write(`HEAD /api/v1/events HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer.toLowerCase()).toContain('content-type: text/event-stream; charset=utf-8');
});

test.each(['/', '/nothing', '/tokens/', '/tokens/a/b', '/Tokens'])('%s is no address', async (path) => {
  expectError(await user.ask(path), 404, 'M_UNRECOGNIZED');
});

test('health is public', async () => {
  for (const path of ['/health/live', '/health/ready']) {
    const response = await fetch(webAddress(bot) + path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  }
});

test('the description of the API fits what it answers', async () => {
  const { status, body: api } = await ask<Description>(bot, '/openapi.json');
  expect(status).toBe(200);
  expect(api.openapi).toMatch(/^3\.1\./);
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(api, 'api');
  await user.createToken({ token: 'party' });
  const party = { path: '/tokens/{token}', at: '/tokens/party' };
  const pattern = `@bob:${server.serverName}`;
  const requests = [
    { path: '/tokens', method: 'get' },
    { path: '/tokens', method: 'get', at: '/tokens?limit=x' },
    { path: '/tokens', method: 'post', json: { count: 2 } },
    { path: '/tokens', method: 'post', json: { count: 'x' } },
    { ...party, method: 'get' },
    { ...party, method: 'patch', json: { uses_allowed: 3 } },
    { ...party, method: 'patch', json: { uses_allowed: 4 }, headers: { 'if-match': '"1-never"' } },
    { ...party, method: 'delete' },
    { ...party, method: 'delete' },
    { path: '/tokens/delete', method: 'post', json: { tokens: ['a', 'b'] } },
    { path: '/access', method: 'post', json: { patterns: [pattern, alice.userId] } },
    { path: '/access', method: 'get' },
    { path: '/access/delete', method: 'post', json: { patterns: [pattern] } },
    { path: '/access/{pattern}', method: 'delete', at: `/access/${pattern}` },
    { path: '/access/{pattern}', method: 'delete', at: `/access/${alice.userId}` },
    { path: '/access/{pattern}', method: 'delete', at: `/access/${alice.userId}?confirm=true` },
    { path: '/status', method: 'get' },
  ];
  for (const { path, method, at = path, ...rest } of requests) {
    const answer = await user.ask<unknown>(at, { method: method.toUpperCase(), ...rest });
    const described = api.paths[path]?.[method]?.responses ?? {};
    const key = String(answer.status) in described ? String(answer.status) : 'default';
    const step = path.replaceAll('~', '~0').replaceAll('/', '~1');
    const pointer = `api#/paths/${encodeURIComponent(step)}/${method}/responses/${key}/content/application~1json/schema`;
    expect(ajv.validate({ $ref: pointer }, answer.body), `${method} ${at}: ${ajv.errorsText()}`).toBe(true);
    expect(key === 'default').toBe(answer.status >= 400);
  }
  expect(Object.keys(api.paths).length).toBe(9);
});

interface Description {
  openapi: string;
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
}
