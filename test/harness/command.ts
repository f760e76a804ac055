// Runs the programs that install things (pip, apt-get, debootstrap) and says what went wrong with them.
import { spawn } from 'node:child_process';

const TAIL_LINES = 12;

export interface CommandOptions {
  /** Called with each line of output, from stdout and stderr alike. */
  onLine?: (line: string) => void;
  /** Added to this process's environment. */
  env?: Record<string, string>;
}

/**
 * Runs a program to its end and returns what it printed, stdout and stderr together.
 * Throws an `Error` with the last lines of the output if it can't be started or ends with another status than 0.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) take(part);
      });
      stream.on('end', () => {
        if (rest !== '') take(rest);
      });
    }
    function take(line: string) {
      lines.push(line);
      options.onLine?.(line);
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(error.code === 'ENOENT' ? `${command} is not installed` : `${command}: ${error.message}`),
      );
    });
    child.on('close', (status, signal) => {
      if (status === 0) {
        resolve(lines.join('\n'));
        return;
      }
      const ending = signal === null ? `status ${status}` : signal;
      const tail = lines.slice(-TAIL_LINES).join('\n');
      reject(
        new Error(`${[command, ...args].join(' ')} ended with ${ending}${tail === '' ? '' : `:\n${tail}`}`),
      );
    });
  });
}
