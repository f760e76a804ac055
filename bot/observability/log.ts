// Structured logs. They must not contain passwords, access tokens or registration tokens: secrets are redacted by field
// name here, registration tokens are shortened by the caller (`shortToken`).
import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

const SECRET_FIELDS = ['password', 'access_token', 'accessToken', 'authorization', 'Authorization', 'token'];

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'pretty' | 'json';
}

/** @param destination for tests; default: standard output. */
export async function createLog(options: LogOptions, destination?: DestinationStream): Promise<Log> {
  return pino(
    {
      level: options.level,
      base: null,
      mixin: traceFields,
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' },
      serializers: { err: describeError },
    },
    destination ??
      (options.format === 'pretty' ? await prettyStream() : pino.destination({ fd: 1, sync: true })),
  );
}

async function prettyStream(): Promise<DestinationStream> {
  const { PinoPretty } = await import('pino-pretty');
  return PinoPretty({
    colorize: process.stdout.isTTY,
    sync: true,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
    singleLine: true,
  });
}

/** Enough of a token to recognise it, not enough to use it. */
export function shortToken(token: string): string {
  return `${token.slice(0, Math.min(4, Math.floor(token.length / 4)))}…`;
}

/** Errors of HTTP libraries hold the request with headers and body: only these fields are logged. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack } = error;
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  const code = (error as { code?: unknown }).code;
  return { type: name, message, code, cause, stack: stack?.split('\n').slice(1, 4).join('\n') };
}

/** The ID of the request or command being processed. */
const current = new AsyncLocalStorage<{ readonly requestId: string }>();

/** @param requestId the ID of a command's event, or of a request to the widget's API */
export function withRequestId<T>(requestId: string, work: () => T): T {
  return current.run({ requestId }, work);
}

/** Runs background work without the ID of the request that started it. */
export function withoutRequestId<T>(work: () => T): T {
  return current.exit(work);
}

/** The fields for a log line: a new object each time, because pino adds to it. */
function traceFields(): { requestId?: string } {
  return { ...current.getStore() };
}
