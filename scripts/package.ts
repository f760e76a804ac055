// Makes the npm package: node scripts/package.ts [--out FOLDER]. Leaves it in FOLDER/package and, as `npm pack` wraps it,
// in FOLDER; default: dist.
//
// The project itself can't be published as it is: Node runs no TypeScript below node_modules, and npm ignores the
// `overrides` of a dependency, with which matrix-bot-sdk would bring along its native crypto and its download. So the bot
// is compiled into a few files with all its dependencies but the WASM crypto, which is a file of its own and stays an
// ordinary dependency.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';

const ROOT = resolve(import.meta.dirname, '..');
/** Not compiled in. */
const DEPENDENCIES = ['@matrix-org/matrix-sdk-crypto-wasm'];
/** Go into the package as they are. */
const FILES = [
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'config.example.yml',
  'docs',
  'bot/matrix/avatar.png',
];
const NOTICES = 'licenses.md';

interface Manifest {
  readonly scripts: { readonly start: string };
  readonly [field: string]: unknown;
}

const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'dist') } } });
const out = resolve(values.out);
const target = join(out, 'package');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await buildWidget();
await buildBot();
for (const file of FILES) cpSync(join(ROOT, file), join(target, file), { recursive: true });
writeNotices();
writeFileSync(join(target, 'package.json'), `${JSON.stringify(publishedManifest(), undefined, 2)}\n`);
pack();

async function buildWidget(): Promise<void> {
  await build({
    configFile: join(ROOT, 'widget', 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(target, 'widget', 'dist'), license: { fileName: NOTICES } },
  });
}

async function buildBot(): Promise<void> {
  const options = nodeOptions();
  await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { NODE_OPTIONS: JSON.stringify(options) },
    ssr: { noExternal: true, external: DEPENDENCIES },
    build: {
      ssr: 'bot/packaged.ts',
      outDir: join(target, 'dist'),
      // The folder may be anywhere.
      emptyOutDir: true,
      target: 'node22',
      // Readable: the log says where a fault is, and distributors look at what they ship.
      minify: false,
      license: { fileName: NOTICES },
      chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
      rolldownOptions: {
        output: {
          banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
          entryFileNames: 'matrix-registration-bot.js',
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  });
  chmodSync(join(target, 'dist', 'matrix-registration-bot.js'), 0o755);
}

/** Those of `npm start`; and Node 22, with which the package works as well, would warn of its SQLite. */
function nodeOptions(): string[] {
  const start = manifest.scripts.start.split(' ').filter((word) => word.startsWith('--'));
  return [...start, '--disable-warning=ExperimentalWarning'];
}

/** What is compiled in keeps its licences, in one file for the bot and the widget. */
function writeNotices(): void {
  const parts = ['dist', 'widget/dist'].map((folder) => {
    const file = join(target, folder, NOTICES);
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    return text.replace(/^# .*\n\n.*\n/, `# ${folder}\n\nContains the following packages.\n`);
  });
  writeFileSync(join(target, 'THIRD-PARTY-NOTICES.md'), parts.join('\n'));
}

/** package.json of what is published. */
function publishedManifest(): Record<string, unknown> {
  const { name, version, description, license, type, engines } = manifest;
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin: { 'matrix-registration-bot': 'dist/matrix-registration-bot.js' },
    // Exactly those that were tested: the crypto's store has a format of its own.
    dependencies: Object.fromEntries(DEPENDENCIES.map((dependency) => [dependency, installed(dependency)])),
  };
}

function installed(name: string): string {
  const file = join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function pack(): void {
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const args = [...first, 'pack', '--silent', '--ignore-scripts', '--pack-destination', out];
  const name = execFileSync(command, args, { cwd: target, encoding: 'utf8' }).trim();
  process.stdout.write(`${join(out, name)}\n`);
}
