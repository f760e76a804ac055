// A file that shows a container's health check that the event loop runs, also if the bot listens on no port.
import { writeFileSync } from 'node:fs';

/** `bot/observability/healthcheck.mjs` fails after four missed beats. */
const BEAT_MS = 15_000;

/**
 * Writes the time to `file` now and every 15 s, without keeping the process alive. If the file can't be written, calls
 * `warn` once: the bot works without it.
 */
export function startHeartbeat(file: string, warn: (sentence: string) => void): void {
  let warned = false;
  const write = () => {
    try {
      writeFileSync(file, `${new Date().toISOString()}\n`);
    } catch (error) {
      if (warned) return;
      warned = true;
      const { code } = error as NodeJS.ErrnoException;
      warn(
        `The health check will fail: ${file} can’t be written (${String(code)}). ` +
          'Make its folder writable (docker run --tmpfs /tmp), or let HEARTBEAT_FILE name another file.',
      );
    }
  };
  write();
  setInterval(write, BEAT_MS).unref();
}
