// The container's health check: exit status 0 if the bot is alive. Plain JavaScript that does not load the configuration,
// because it runs every few seconds.
import { statSync } from 'node:fs';

const STALE_MS = 60_000;

const { HEARTBEAT_FILE: file } = process.env;
if (file) check(file);
else fail('HEARTBEAT_FILE names no file. Set it to the same one for the bot and for this check.');

function check(path) {
  const last = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (last === undefined)
    return fail(`${path} is not there: the bot has not started yet, or can’t write it.`);
  const age = Date.now() - last;
  if (age > STALE_MS) fail(`The bot has given no sign of life for ${Math.round(age / 1000)} s.`);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
