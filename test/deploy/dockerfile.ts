// Reads the Dockerfile, as far as this project's goes: what its stages do, and what the image at the end says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './tools.ts';

export type Step =
  | { kind: 'run'; command: string }
  /** @param from the stage that it comes from; undefined: the folder of the project. */
  | { kind: 'copy'; from: string | undefined; sources: string[]; target: string };

export interface Stage {
  /** Undefined for the last one, which is the image. */
  name: string | undefined;
  base: string;
  steps: Step[];
  env: Record<string, string>;
  entrypoint: string[];
  healthcheck: string[];
  user: string;
  workdir: string;
}

/** Throws an `Error` on an instruction that it does not know: then the tests would pass something over. */
export function readDockerfile(): Stage[] {
  const stages: Stage[] = [];
  for (const [word, rest] of instructions(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))) {
    if (word === 'FROM') {
      const [base = '', , name] = rest.split(/\s+/);
      stages.push({
        name,
        base,
        steps: [],
        env: {},
        entrypoint: [],
        healthcheck: [],
        user: '',
        workdir: '/',
      });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`Dockerfile: ${word} stands before FROM.`);
    apply(stage, word, rest);
  }
  return stages;
}

function apply(stage: Stage, word: string, rest: string): void {
  switch (word) {
    case 'RUN':
      stage.steps.push({ kind: 'run', command: rest });
      break;
    case 'COPY':
      stage.steps.push(copyStep(rest));
      break;
    case 'ENV':
      for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
      break;
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(rest) as string[];
      break;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('['))) as string[];
      break;
    case 'USER':
      stage.user = rest;
      break;
    case 'WORKDIR':
      stage.workdir = rest;
      break;
    case 'LABEL':
    case 'VOLUME':
    case 'EXPOSE':
      break;
    default:
      throw new Error(`Dockerfile: the tests don't know ${word}; teach them in test/deploy/dockerfile.ts.`);
  }
}

function copyStep(rest: string): Step {
  const words = rest.split(/\s+/);
  const flags = words.filter((word) => word.startsWith('--'));
  const paths = words.filter((word) => !word.startsWith('--'));
  const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length);
  return { kind: 'copy', from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/** Without comments, with continued lines joined. */
function instructions(text: string): [word: string, rest: string][] {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, word = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      return [word, rest.replaceAll(/\s+/g, ' ')];
    });
}
