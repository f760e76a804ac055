import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS } from '../commandList.ts';
import { commandLine, renderCommandsDoc } from './commandsDoc.ts';

const rootFile = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

test('docs/commands.md is up to date', () => {
  expect(
    rootFile('docs/commands.md') === renderCommandsDoc(),
    'docs/commands.md does not fit the code any more. Make it anew: npm run docs',
  ).toBe(true);
});

test.each(COMMANDS)('the documentation has $name once, with its examples', (command) => {
  const doc = renderCommandsDoc();
  expect(doc.split(`### ${command.name}\n`)).toHaveLength(2);
  expect(doc).toContain(`\n${commandLine(command)}\n`);
  for (const { line, does } of command.examples) expect(doc).toContain(`| \`${line}\` | ${does} |`);
});

test.each(COMMANDS)('the README names $name with its arguments', (command) => {
  expect(rootFile('README.md')).toContain(`\`${commandLine(command).replaceAll('|', '\\|')}\``);
});
