import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ENGLISH } from '../../words/en/english.ts';
import { COMMANDS } from '../commandList.ts';
import { commandLine, renderCommandsDoc } from './commandsDoc.ts';

const rootFile = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

test('docs/commands.md is up to date', () => {
  expect(
    rootFile('docs/commands.md') === renderCommandsDoc(),
    'docs/commands.md does not fit the code any more. Make it anew: npm run docs',
  ).toBe(true);
});

test.each(COMMANDS)('the documentation has $name once, with its examples', ({ name }) => {
  const doc = renderCommandsDoc();
  expect(doc.split(`### ${name}\n`)).toHaveLength(2);
  expect(doc).toContain(`\n${commandLine(name)}\n`);
  for (const { line, does } of ENGLISH.commands[name].examples)
    expect(doc).toContain(`| \`${line}\` | ${does} |`);
});

test.each(COMMANDS)('the README names $name with its arguments', ({ name }) => {
  expect(rootFile('README.md')).toContain(`\`${commandLine(name).replaceAll('|', '\\|')}\``);
});
