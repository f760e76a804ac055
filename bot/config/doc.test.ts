import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { renderConfigurationDoc } from './doc.ts';
import { loadConfig } from './load.ts';
import { PATHS, settingOf } from './schema.ts';
import { loaded, MINIMUM } from './testSources.ts';

const rootFile = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

test('docs/configuration.md is up to date', () => {
  expect(
    rootFile('docs/configuration.md') === renderConfigurationDoc(),
    'docs/configuration.md does not fit the code any more. Make it anew: npm run docs',
  ).toBe(true);
});

test('the documentation has every key with its variable', () => {
  const doc = renderConfigurationDoc();
  for (const path of PATHS) expect(doc).toContain(`### \`${path}\``);
  expect(doc).toContain('`BOT_PASSWORD` or `BOT_PASSWORD_FILE`');
});

test.each(PATHS)('the example of %s is valid', (path) => {
  const { example } = settingOf(path);
  const [section, key] = path.includes('.') ? path.split('.') : [undefined, path];
  const yaml = `${section === undefined ? '' : `${section}:\n  `}${key}: ${example.replace('…', '')}\n`;
  expect(() => loaded({ yaml, env: { ...MINIMUM, API_TOKEN: 'syt_admin' } })).not.toThrow();
});

describe('config.example.yml', () => {
  const example = rootFile('config.example.yml');

  test('loads without a warning', () => {
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const result = loadConfig({ cwd, env: {}, configPath: 'config.example.yml' });
    expect(result).toMatchObject({ ok: true, warnings: [], file: join(cwd, 'config.example.yml') });
  });

  test('its lines that are commented out are valid as well', () => {
    const complete = example.replaceAll(/^(\s*)#(?=\w)/gm, '$1').replaceAll('…', '');
    const { config, warnings } = loaded({ yaml: complete, env: {} });
    expect(warnings.map(({ key }) => key)).toEqual(['bot.access_token', 'api.token']);
    expect(config.widget.public_url).toBe('https://regbot.example.org');
    for (const path of PATHS) expect(complete).toMatch(new RegExp(`^\\s*${path.split('.').at(-1)}:`, 'm'));
  });
});
