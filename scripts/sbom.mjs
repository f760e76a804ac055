// Prints the SBOM (CycloneDX) of what is needed to run the bot. `npm sbom --omit dev` alone leaves out what the bot and a
// development tool both depend on, so it gets a lockfile without the development tools.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const withoutTools = ({ devDependencies, optionalDependencies, ...rest }) => rest;

const lock = read('package-lock.json');
const needed = Object.entries(lock.packages).filter(
  ([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional,
);
lock.packages = Object.fromEntries(needed);
lock.packages[''] = withoutTools(lock.packages['']);

const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(withoutTools(read('package.json'))));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
} finally {
  rmSync(folder, { recursive: true });
}
