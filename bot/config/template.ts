// A config.yml with the comments of config.example.yml and the values of somebody's own.
import type { Path } from './config.ts';
import { isPath, isSection, settingOf } from './schema.ts';
import { readConfigFile } from './yamlFile.ts';

/** As they would be written in the environment; lists entry by entry. */
export type Answers = ReadonlyMap<Path, string | readonly string[]>;

/** Stands in the example only. */
const FOR_COPIERS = /^# Copy this file/;
const LINE = /^( *)(#?)([a-z_]+):(.*)$/;

/**
 * The example with these values in it. What is not among them stays as it is there, or becomes a comment where the example
 * only shows what could be written.
 * @throws Error if the example has no line for a key, or if a value would be read as another
 */
export function fillTemplate(example: string, answers: Answers): string {
  const sections = new Set([...answers.keys()].map((path) => path.split('.')[0]));
  const written = new Set<Path>();
  let section = '';
  const lines = example.split('\n').flatMap((line) => {
    if (FOR_COPIERS.test(line)) return [];
    const [, indent = '', comment = '', name = '', rest = ''] = LINE.exec(line) ?? [];
    if (name === '') return [line];
    if (indent === '' && isSection(name)) {
      section = name;
      return [sections.has(name) ? `${name}:` : line];
    }
    const path = indent === '' ? name : `${section}.${name}`;
    if (!isPath(path)) return [line];
    const value = answers.get(path);
    if (value !== undefined) {
      written.add(path);
      return [`${indent}${name}: ${inYaml(value)}`];
    }
    return [comment === '' && !saysTheDefault(path, rest) ? `${indent}#${name}:${rest}` : line];
  });
  const text = lines.join('\n');
  requireSame(text, answers, written);
  return text;
}

function saysTheDefault(path: Path, rest: string): boolean {
  return settingOf(path).fallback === rest.trim();
}

function inYaml(value: string | readonly string[]): string {
  if (typeof value !== 'string') return `[${value.map((entry) => JSON.stringify(entry)).join(', ')}]`;
  // Addresses, paths, numbers and words that only YAML's "null" would be misread among.
  const plain = /^(?:https?:\/\/|\.{0,2}\/)?[\w.-][\w./:-]*$/.test(value) && !/^null$|:$/i.test(value);
  return plain ? value : JSON.stringify(value);
}

function requireSame(text: string, answers: Answers, written: ReadonlySet<Path>): void {
  const { given } = readConfigFile(text, 'config.example.yml');
  for (const [path, value] of answers) {
    if (!written.has(path)) throw new Error(`config.example.yml has no line for ${path}.`);
    const read = given.get(path)?.pieces.map((piece) => piece.text) ?? [];
    const meant = typeof value === 'string' ? [value] : value;
    if (JSON.stringify(read) !== JSON.stringify(meant)) throw new Error(`${path} can’t be written as YAML.`);
  }
}
