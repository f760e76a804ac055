// The command line at a terminal, with a person who answers its questions.
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { endWithUs, npmStartArguments } from './npmStart.ts';

/** Standard input and output of what it runs are a terminal; ends with its exit status. */
const IN_TERMINAL = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';

const PATIENCE_MS = 20_000;

export interface Terminal {
  /** Waits until this is on the screen, below what was waited for before, then types. */
  answer(question: RegExp, keys: string): Promise<void>;
  /** Everything shown so far, without colours. */
  screen(): string;
  readonly exited: Promise<number | null>;
}

/** @param env all of the environment but PATH */
export function atTerminal(args: readonly string[], cwd: string, env: Record<string, string> = {}): Terminal {
  const { PATH = '' } = process.env;
  const command = [process.execPath, ...npmStartArguments(), ...args];
  const child = spawn('python3', ['-c', IN_TERMINAL, ...command], {
    cwd,
    env: { PATH, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  endWithUs(child);
  let screen = '';
  let read = 0;
  let look: () => void = () => undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    screen += stripVTControlCharacters(chunk);
    look();
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    exited,
    screen: () => screen,
    async answer(question, keys) {
      await new Promise<void>((resolve, reject) => {
        const fail = (why: string) => reject(new Error(`${why} ${question}:\n${screen.slice(read)}`));
        const timer = setTimeout(fail, PATIENCE_MS, 'It did not ask');
        look = () => {
          const match = question.exec(screen.slice(read));
          if (match === null) return;
          read += match.index + match[0].length;
          look = () => undefined;
          clearTimeout(timer);
          resolve();
        };
        look();
        exited.then(() => {
          clearTimeout(timer);
          fail('It ended before it asked');
        });
      });
      child.stdin.write(keys);
    },
  };
}
