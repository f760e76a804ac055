import { LogService } from 'matrix-bot-sdk';
import type { Log } from '../observability/log.ts';

/**
 * The SDK logs every failed request as an error, with the whole request, even if the failure is expected or logged by
 * the bot itself. So its lines are logged at debug level only, and only their text.
 */
export function routeSdkLog(log: Log): void {
  const note = (module: string, ...words: unknown[]) => {
    if (!log.isLevelEnabled('debug')) return;
    const text = words.filter((word) => typeof word === 'string').join(' ');
    log.debug({ module }, text.replace(/([?&](?:access_token|token)=)[^&\s]*/g, '$1[hidden]'));
  };
  LogService.setLogger({ info: note, warn: note, error: note, debug: note, trace: () => undefined });
}
