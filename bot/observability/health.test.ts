import { expect, test } from 'vitest';
import { problem } from '../../common/problems/problem.ts';
import { Health, healthAnswer, STALE_MS } from './health.ts';

const SERVER = 'http://internal.example.org';
const unreachable = problem('homeserver_unreachable', { server: SERVER, reason: 'silent', detail: '' });

function world() {
  const time = { now: 1_000_000 };
  return { time, health: new Health(() => time.now) };
}

test('a starting bot is not ready, and says what it waits for', () => {
  const { health, time } = world();
  expect(health.report()).toMatchObject({ status: 'starting', since: '1970-01-01T00:16:40.000Z' });
  time.now += 5_000;
  health.recordFailure(unreachable);
  time.now += 5_000;
  health.recordFailure(unreachable);
  expect(health.report()).toMatchObject({
    status: 'unreachable',
    code: 'homeserver_unreachable',
    since: '1970-01-01T00:16:45.000Z',
  });
  health.recordSync();
  expect(health.report()).toEqual({ status: 'ok' });
});

test('failures count only once the last answer is old', () => {
  const { health, time } = world();
  health.recordSync();
  health.recordFailure(problem('not_a_matrix_answer', { server: SERVER, status: 500 }));
  time.now += STALE_MS;
  expect(health.report()).toEqual({ status: 'ok' });
  time.now += 1_000;
  expect(health.report()).toMatchObject({ status: 'unreachable', code: 'homeserver_error' });
  expect(health.report().reason).toContain('121 s');
  health.recordSync();
  expect(health.report()).toEqual({ status: 'ok' });
});

test('without a failure and without an answer the sync is stuck', () => {
  const { health, time } = world();
  health.recordSync();
  time.now += STALE_MS + 1;
  expect(health.report()).toMatchObject({ status: 'stale', since: '1970-01-01T00:16:40.000Z' });
});

test('a clock that is set back does not hide that', () => {
  const { health, time } = world();
  health.recordSync();
  time.now -= 3_600_000;
  expect(health.lastSyncAgeMs).toBeGreaterThanOrEqual(0);
});

test('credentials that are refused make the bot unready at once', () => {
  const { health } = world();
  health.recordSync();
  health.recordFailure(problem('bot_token_refused', { server: SERVER }));
  expect(health.report()).toMatchObject({ status: 'refused', code: 'bot_credential_refused' });
});

test('a failed bot stays failed while it stops', () => {
  const { health } = world();
  health.recordSync();
  health.failed('encryption_keys_unusable');
  health.stopping();
  expect(health.report()).toMatchObject({ status: 'failed', code: 'encryption_keys_unusable' });
});

test('a stopping bot is not ready', () => {
  const { health } = world();
  health.recordSync();
  health.stopping();
  expect(healthAnswer('/health', health)).toMatchObject({ status: 503, body: { status: 'stopping' } });
  expect(healthAnswer('/health/live', health)?.status).toBe(200);
  expect(healthAnswer('/healthy', health)).toBeUndefined();
});

test('no address is revealed', () => {
  const { health } = world();
  health.recordFailure(unreachable);
  expect(JSON.stringify(health.report())).not.toContain('internal.example.org');
});
