// docs/configuration.md, made from the table of keys.
import type { Path } from './config.ts';
import { PATHS, SECTIONS, secretFileVariableOf, settingOf, variableOf } from './schema.ts';

/** The whole of docs/configuration.md. */
export function renderConfigurationDoc(): string {
  const sections = Object.entries(SECTIONS).map(([section, about]) => {
    const paths = PATHS.filter((path) => path.startsWith(`${section}.`));
    return [`## ${section}`, about, ...paths.map(renderKey)].join('\n\n');
  });
  const others = PATHS.filter((path) => !path.includes('.')).map(renderKey);
  return `${[INTRODUCTION, ...sections, '## Without a section', ...others].join('\n\n')}\n`;
}

const INTRODUCTION = `<!-- Made by scripts/write-docs.ts from bot/config/schema.ts; change it there. -->

# Configuration

The bot reads \`config.yml\` in its working directory. Another file is named by the option \`--config FILE\` or else by the
environment variable \`CONFIG_PATH\`. The file may be left out if environment variables say everything that is needed.
[config.example.yml](../config.example.yml) is a file to start from.

Only these are needed: \`bot.server\`, and either \`bot.access_token\` or \`bot.username\` with \`bot.password\`.

- Each key can also be set by an environment variable, which wins over the file. An empty variable, and an empty or
  \`null\` value in the file, count as not given. Lists are separated by commas in a variable.
- The secrets (passwords and access tokens) can also stand in files of their own, as Docker and Kubernetes provide them;
  the variable that ends in \`_FILE\` names the file.
- In YAML, values that start with \`@\`, \`!\`, \`*\`, \`&\`, \`%\` or \`#\` have to stand in quotes: \`"@admin:example.org"\`.
- Durations are written as \`90s\`, \`5m\`, \`12h\`, \`7d\`, \`2w\` or \`1d12h\`.
- If something is wrong, the bot names every problem with its place and exits with status 2. Unknown keys are warned
  about.`;

function renderKey(path: Path): string {
  const { kind, description, example } = settingOf(path);
  const variables = [variableOf(path), secretFileVariableOf(path) ?? []].flat();
  return [
    `### \`${path}\``,
    description,
    [
      `- Value: ${kind.wanted.replaceAll('*', '\\*')}`,
      `- Default: ${defaultOf(path)}`,
      `- Environment: ${variables.map((variable) => `\`${variable}\``).join(' or ')}`,
      `- Example: \`${path.split('.').at(-1)}: ${example}\``,
    ].join('\n'),
  ].join('\n\n');
}

function defaultOf(path: Path): string {
  const { fallback, required, sameAs, kind } = settingOf(path);
  if (required) return 'none; it has to be given';
  if (sameAs) return `the value of \`${sameAs}\``;
  if (fallback === undefined) return 'none';
  return fallback === '' ? (kind.list ? 'an empty list' : 'empty') : `\`${fallback}\``;
}
