// The listener for those who watch the bot: `/metrics` and `/health`. Loaded only if `metrics.listen` is set.

import type { RequestListener, ServerResponse } from 'node:http';
import { type Problem, problem } from '../../common/problems/problem.ts';
import type { Config } from '../config/config.ts';
import type { Health } from './health.ts';
import { answerHealth, isReading, json, openListener, pathOf } from './listener.ts';
import type { Log } from './log.ts';
import { type MetricSources, type Metrics, startMetrics } from './metrics.ts';

export interface MonitoringOptions {
  readonly listen: NonNullable<Config['metrics']['listen']>;
  readonly health: Health;
  /** The bot's own. */
  readonly version: string;
  readonly log: Log;
}

export interface Monitoring {
  /** Where it really listens: `http://127.0.0.1:9464`. */
  readonly address: string;
  use(sources: MetricSources): void;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 50;
const CLOSE_WITHIN_MS = 1_000;

/** @throws Problem `port_unusable` */
export async function startMonitoring({
  listen,
  health,
  version,
  log,
}: MonitoringOptions): Promise<Monitoring> {
  const metrics = startMetrics(health, version);
  const listener = await openListener({
    listen,
    key: 'metrics.listen',
    what: 'Metrics',
    maxConnections: MAX_CONNECTIONS,
    handler: answer(metrics, health, log),
  }).catch((error) => {
    metrics.stop();
    throw error;
  });
  log.info({ address: listener.address }, 'Metrics and health are served');
  return {
    address: listener.address,
    use: (sources) => metrics.use(sources),
    async close() {
      await listener.close(CLOSE_WITHIN_MS);
      metrics.stop();
    },
  };
}

function answer(metrics: Metrics, health: Health, log: Log): RequestListener {
  return (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    if (!isReading(request)) {
      response.setHeader('allow', 'GET, HEAD');
      refuse(response, problem('wrong_method', { allowed: 'GET' }));
      return;
    }
    if (answerHealth(request, response, health)) return;
    if (pathOf(request) !== '/metrics') {
      refuse(response, problem('only_metrics_here'));
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'The metrics can’t be told.');
        json(response, 500, { errcode: 'M_UNKNOWN', error: 'Something went wrong inside the bot.' });
      },
    );
  };
}

function refuse(response: ServerResponse, { http, message }: Problem): void {
  json(response, http.status, { errcode: http.errcode, error: message });
}
