// matrix-js-sdk logs every request to the console; in the output of tests that is noise.
import type { Logger } from 'matrix-js-sdk/lib/logger.js';
import { logger } from 'matrix-js-sdk/lib/logger.js';

const ignore = () => {};

/** A loglevel logger, which is what the SDK's own logger is; its children take over its `methodFactory`. */
interface LoglevelLogger {
  methodFactory: () => () => void;
  rebuild: () => void;
}

/** For `createClient`; also silences the logger that parts of the SDK use on their own. */
export function quietLogger(): Logger {
  const own = logger as unknown as LoglevelLogger;
  own.methodFactory = () => ignore;
  own.rebuild();
  return { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, getChild: quietLogger };
}
