// Tells a container's health check that the process still gets round to its work, also where it listens on no port.
import { writeFileSync } from 'node:fs';

/** `bot/observability/healthcheck.mjs` takes four missed beats for the end. */
const BEAT_MS = 15_000;

/**
 * Writes the time into `file` now and every 15 s, for as long as the process lives; keeps it from ending no longer.
 * A file that can't be written is told once, to `warn`: the bot works without.
 */
export function startHeartbeat(file: string, warn: (sentence: string) => void): void {
  let told = false;
  const write = () => {
    try {
      writeFileSync(file, `${new Date().toISOString()}\n`);
    } catch (error) {
      if (told) return;
      told = true;
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
