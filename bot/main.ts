import { main } from './cli/index.ts';
import { startHeartbeat } from './observability/heartbeat.ts';

/** Longer than anything that may be left takes to let go (ms). */
const END_WITHIN_MS = 3_000;

const { HEARTBEAT_FILE } = process.env;
if (HEARTBEAT_FILE) startHeartbeat(HEARTBEAT_FILE, (sentence) => process.stderr.write(`${sentence}\n`));

const status = await main(process.argv.slice(2));
// Ends by itself, once nothing is open: process.exit() can wait for ever for a thread that compiles
// (nodejs/node#54918). It is the last resort, for what was not closed.
process.exitCode = status;
setTimeout(() => process.exit(status), END_WITHIN_MS).unref();
