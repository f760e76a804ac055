import { LogService } from 'matrix-bot-sdk';
import type { Log } from '../observability/log.ts';

/**
 * The SDK reports every failed request as an error, also those that are expected and those the bot tells about
 * itself, with whole requests in them. So it is heard only when debugging, and only its words.
 */
export function routeSdkLog(log: Log): void {
  const note = (module: string, ...words: unknown[]) => {
    if (!log.isLevelEnabled('debug')) return;
    const text = words.filter((word) => typeof word === 'string').join(' ');
    log.debug({ module }, text.replace(/([?&](?:access_token|token)=)[^&\s]*/g, '$1[hidden]'));
  };
  LogService.setLogger({ info: note, warn: note, error: note, debug: note, trace: () => undefined });
}
