import { expect, test } from 'vitest';
import { createLog, shortToken } from './log.ts';

async function logged(write: (log: Awaited<ReturnType<typeof createLog>>) => void): Promise<string> {
  const lines: string[] = [];
  const log = await createLog({ level: 'info', format: 'json' }, { write: (line) => void lines.push(line) });
  write(log);
  return lines.join('');
}

test('secrets are hidden by name, at the top and one level below', async () => {
  const line = await logged((log) =>
    log.info(
      {
        password: 'hush',
        login: { access_token: 'hush', password: 'hush' },
        headers: { Authorization: 'hush' },
        token: 'hush',
      },
      'Words',
    ),
  );
  expect(line).not.toContain('hush');
  expect(JSON.parse(line)).toMatchObject({ msg: 'Words', password: '[hidden]' });
});

test('of an error only what names the fault is kept, not the request that it carries', async () => {
  const error = Object.assign(new Error('failed', { cause: new Error('deeper') }), {
    code: 'ECONNRESET',
    options: { headers: { auth: 'hush' } },
  });
  const line = await logged((log) => log.error({ err: error }, 'Words'));
  expect(line).not.toContain('hush');
  expect(JSON.parse(line).err).toMatchObject({
    type: 'Error',
    message: 'failed',
    code: 'ECONNRESET',
    cause: 'deeper',
  });
});

test('lines below the level are not written', async () => {
  expect(await logged((log) => log.debug('Words'))).toBe('');
});

test.each([
  ['abcdefghijklmnop', 'abcd…'],
  ['summer24', 'su…'],
  ['abc', '…'],
])('%s is logged as %s', (token, shown) => {
  expect(shortToken(token)).toBe(shown);
});
