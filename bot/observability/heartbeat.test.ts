import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startHeartbeat } from './heartbeat.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regbot-heartbeat-'));
  file = join(folder, 'heartbeat');
  vi.useFakeTimers({ toFake: ['setInterval', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function check(env: NodeJS.ProcessEnv = { HEARTBEAT_FILE: file }): { status: number | null; stderr: string } {
  const script = join(import.meta.dirname, 'healthcheck.mjs');
  return spawnSync(process.execPath, [script], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
}

test('a beat makes the check pass, and later beats renew it', () => {
  const warn = vi.fn();
  startHeartbeat(file, warn);
  expect(check()).toMatchObject({ status: 0, stderr: '' });
  utimesSync(file, 0, 0);
  expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('no sign of life') });
  vi.advanceTimersByTime(15_000);
  expect(statSync(file).mtimeMs).toBeGreaterThan(0);
  expect(check().status).toBe(0);
  expect(warn).not.toHaveBeenCalled();
});

test('without a beat the check fails and says why', () => {
  expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining(`${file} is not there`) });
  expect(check({})).toMatchObject({ status: 1, stderr: expect.stringContaining('names no file') });
});

test('a minute without a beat is too long', () => {
  writeFileSync(file, '');
  const now = Date.now() / 1000;
  utimesSync(file, now - 45, now - 45);
  expect(check().status).toBe(0);
  utimesSync(file, now - 75, now - 75);
  expect(check()).toMatchObject({ status: 1, stderr: expect.stringMatching(/7[5-9] s/) });
});

test('a file that can’t be written is reported once', () => {
  const warn = vi.fn();
  startHeartbeat(join(folder, 'missing', 'heartbeat'), warn);
  vi.advanceTimersByTime(60_000);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('ENOENT'));
});
