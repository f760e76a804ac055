// Asks the bot that runs with this configuration how it is.
import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Config } from '../config/config.ts';
import { renderConfigProblems } from '../config/findings.ts';
import { loadConfig } from '../config/load.ts';
import type { HealthReport } from './health.ts';

const TIMEOUT_MS = 5_000;

/**
 * Says on standard output how the bot is. Returns the exit status: 0 if it is well, else 1. Never throws.
 * @param configPath as the bot's `--config`
 */
export async function askHealth(configPath: string | undefined): Promise<number> {
  const loaded = loadConfig({ cwd: process.cwd(), env: process.env, configPath });
  if (!loaded.ok) return say(1, renderConfigProblems(loaded.problems).trimEnd());
  const listen = listenerOf(loaded.config);
  if (listen === undefined) {
    return say(1, 'The bot listens nowhere. Set metrics.listen, for example to 127.0.0.1:9464.');
  }
  try {
    const { status, reason } = await ask(listen);
    return status === 'ok' ? say(0, status) : say(1, `${status}: ${reason}`);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return say(1, `The bot does not answer at ${listen.host}:${listen.port}: ${code ?? message}`);
  }
}

function listenerOf({ metrics, widget }: Config): Config['widget']['listen'] | undefined {
  if (metrics.listen !== undefined) return metrics.listen;
  return widget.enabled && widget.public_url !== undefined ? widget.listen : undefined;
}

async function ask({ host, port }: Config['widget']['listen']): Promise<HealthReport> {
  return await new Promise((resolve, reject) => {
    const options = { host: reachable(host), port, path: '/health', signal: AbortSignal.timeout(TIMEOUT_MS) };
    get(options, (response) => {
      json(response).then((body) => resolve(body as HealthReport), reject);
    }).on('error', reject);
  });
}

/** All addresses of the machine can be listened on, but not asked. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function say(status: number, text: string): number {
  process.stdout.write(`${text}\n`);
  return status;
}
