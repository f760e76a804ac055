// `init` at a terminal: what it asks, and how it handles invalid answers.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryDataDir } from '../harness/botProcess.ts';
import { useTestServer } from '../harness/suite.ts';
import { atTerminal } from '../harness/terminal.ts';
import type { RegisteredUser } from '../harness/users.ts';

const ENTER = '\r';
const CTRL_C = '\u0003';
const ALL_SELECTED = '\u0015';

const server = useTestServer();
let boss: RegisteredUser;

beforeAll(async () => {
  boss = await server.synapse.registerUser('boss', 'seen-by-nobody', { admin: true });
});

test('leads from nothing to a configuration that works; passwords are not shown', async () => {
  const cwd = temporaryDataDir();
  const terminal = atTerminal(['init'], cwd);
  await terminal.answer(/Your homeserver/, `http://127.0.0.1:9${ENTER}`);
  await terminal.answer(/nothing listens there[\s\S]*Your homeserver/, `${server.baseUrl}${ENTER}`);
  await terminal.answer(/Which account is the bot’s\?/, ENTER);
  await terminal.answer(/How does a server admin sign in\?/, ENTER);
  await terminal.answer(/User name of a server admin/, ENTER);
  await terminal.answer(/It is empty/, `boss${ENTER}`);
  await terminal.answer(/Password of boss/, `wrong-one${ENTER}`);
  await terminal.answer(/does not accept[\s\S]*How does a server admin sign in\?/, ENTER);
  await terminal.answer(/User name of a server admin/, `boss${ENTER}`);
  await terminal.answer(/Password of boss/, `${boss.password}${ENTER}`);
  await terminal.answer(/is a server admin[\s\S]*Name of the new account/, ENTER);
  await terminal.answer(/Make the bot’s account a server admin\?/, ENTER);
  await terminal.answer(/Who may manage tokens\?/, ENTER);
  await terminal.answer(/Where will browsers reach/, `http://example.org${ENTER}`);
  await terminal.answer(/wanted: an https address/, `${ALL_SELECTED}${ENTER}`);
  await terminal.answer(/Folder for the bot’s state/, ENTER);
  expect(await terminal.exited).toBe(0);
  const screen = terminal.screen();
  expect(screen).toMatch(/Made the account @registration-bot:.*, a server admin/);
  expect(screen).toMatch(/✅ Token API/);
  expect(screen).not.toMatch(/seen-by-nobody|wrong-one/);
  const text = readFileSync(join(cwd, 'config.yml'), 'utf8');
  expect(text).toContain(`allow: ["${boss.userId}"]`);
  expect(text).toMatch(/^#widget:$/m);
});

test('values given as options are not asked for, and Ctrl-C leaves nothing behind', async () => {
  const cwd = temporaryDataDir();
  const plain = await server.synapse.registerUser('plain');
  const terminal = atTerminal(['init', '--server', server.baseUrl, '--username', 'plain'], cwd, {
    BOT_PASSWORD: plain.password,
  });
  await terminal.answer(/@plain:.* is no server admin[\s\S]*How does a server admin sign in\?/, CTRL_C);
  expect(await terminal.exited).toBe(1);
  expect(terminal.screen()).not.toMatch(/Your homeserver|Which account/);
  expect(readdirSync(cwd)).toEqual([]);
});
