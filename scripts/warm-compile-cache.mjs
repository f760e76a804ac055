// Compiles the bot into the cache that bot/start.mjs uses: otherwise its first start would take twice as long and
// 15 MB more. Plain JavaScript, because it runs on whatever Node the machine has.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const brought = join(root, 'node_modules', '.bin', 'node');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// V8 keeps a cache for each set of its options (and Node one for each user): code compiled with other options is not used.
const options = scripts.start.split(' ').filter((word) => word.startsWith('--'));
const load = [
  'cli/run.ts',
  'cli/index.ts',
  'web/server.ts',
  'crypto/store/cryptoStore.ts',
  'crypto/encryption.ts',
]
  .map((file) => `await import('./bot/${file}');`)
  .join(' ');

execFileSync(
  existsSync(brought) ? brought : process.execPath,
  [...options, '--input-type=module', '--eval', load],
  {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile') },
  },
);
