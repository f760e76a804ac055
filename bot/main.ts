import { main } from './cli/index.ts';
import { startHeartbeat } from './observability/heartbeat.ts';

/** Longer than any remaining handle takes to close (ms). */
const END_WITHIN_MS = 3_000;

const { HEARTBEAT_FILE } = process.env;
if (HEARTBEAT_FILE) startHeartbeat(HEARTBEAT_FILE, (sentence) => process.stderr.write(`${sentence}\n`));

const status = await main(process.argv.slice(2));
// The process ends when no handle is open: process.exit() can deadlock with a compiler thread (nodejs/node#54918).
// It is called only if a handle stays open.
process.exitCode = status;
setTimeout(() => process.exit(status), END_WITHIN_MS).unref();
