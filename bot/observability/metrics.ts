// The metrics for Prometheus. Labels have few values, all defined here: no rooms, users or tokens.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Health } from './health.ts';
import {
  adminCalls,
  commands,
  requests,
  syncs,
  toDeviceDropped,
  unanswered,
  undecryptable,
} from './observed.ts';
import { type Counts, TokenCounts, type TokenCountsOptions } from './tokenCounts.ts';

/** Endpoint labels for request paths. Paths contain room IDs, user IDs and tokens: only the label is exported. */
const CLASSES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^\/_synapse\/admin\/v1\/registration_tokens\b/, 'registration_tokens'],
  [/^\/_(?:synapse\/admin|dendrite\/admin)\//, 'admin'],
  [/^\/_matrix\/media\//, 'media'],
  [/^\/_matrix\/federation\/v1\/openid\//, 'openid'],
  [/^\/_matrix\/client\/versions$/, 'versions'],
  [/^\/_matrix\/client\/v1\/auth_metadata$/, 'auth_metadata'],
  [/^\/_matrix\/client\/v3\/sync$/, 'sync'],
  [/^\/_matrix\/client\/v3\/(?:login|logout)$/, 'login'],
  [/^\/_matrix\/client\/v3\/account\/whoami$/, 'whoami'],
  [/^\/_matrix\/client\/v3\/register\b/, 'register'],
  [/^\/_matrix\/client\/v3\/keys\//, 'keys'],
  [/^\/_matrix\/client\/v3\/sendToDevice\//, 'send_to_device'],
  [/^\/_matrix\/client\/v3\/profile\//, 'profile'],
  [/^\/_matrix\/client\/v3\/join\//, 'membership'],
  [/^\/_matrix\/client\/v3\/user\/[^/]+\/account_data\//, 'account_data'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/send\//, 'send'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/redact\//, 'redact'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/typing\//, 'typing'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/state\b/, 'state'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/messages$/, 'messages'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/(?:joined_)?members$/, 'members'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/(?:leave|join|forget)$/, 'membership'],
];

/** Available once the bot has started. */
export interface MetricSources {
  readonly listTokens: TokenCountsOptions['list'];
  readonly openInboxItems: () => number;
  readonly undecryptableMessages: () => number;
  /** undefined: the widget is off. */
  readonly widget: { sessions(): number; streams(): number } | undefined;
}

export interface Metrics {
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  use(sources: MetricSources): void;
  /** Removes the listeners and the metrics. */
  stop(): void;
}

const PREFIX = 'registration_bot_';
/** Seconds; the last ones are for /sync, which waits up to 30 s. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 35, 60];

type RegisterGauge = (name: string, help: string, read: () => number | undefined) => void;

function describeState(gauge: RegisterGauge, health: Health, sources: () => MetricSources | undefined): void {
  gauge('ready', '1 while the bot does its work, as /health says.', () =>
    health.report().status === 'ok' ? 1 : 0,
  );
  gauge('sync_age_seconds', 'Seconds since the last answer to /sync was processed.', () =>
    health.lastSyncAgeMs === undefined ? undefined : health.lastSyncAgeMs / 1000,
  );
  gauge('inbox_open', 'Commands, reactions and greetings that are not processed yet.', () =>
    sources()?.openInboxItems(),
  );
  gauge('undecryptable_waiting', 'Encrypted messages whose key has not arrived yet.', () =>
    sources()?.undecryptableMessages(),
  );
  gauge('widget_sessions', 'People signed in to the widget.', () => sources()?.widget?.sessions() ?? 0);
  gauge('widget_streams', 'Open event streams of widgets.', () => sources()?.widget?.streams() ?? 0);
}

/** @param version the bot's own */
export function startMetrics(health: Health, version: string): Metrics {
  const register = new Registry();
  const registers = [register];
  let sources: MetricSources | undefined;
  let tokens: TokenCounts | undefined;

  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        const value = read();
        // An unknown value is absent, not 0.
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });

  collectDefaultMetrics({ register });
  new Gauge({
    name: `${PREFIX}info`,
    help: 'The version of the bot.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);

  describeState(gauge, health, () => sources);
  new Gauge({
    name: `${PREFIX}tokens`,
    help: 'Registration tokens by state, up to a minute old; absent while the homeserver does not answer.',
    labelNames: ['state'],
    registers,
    async collect() {
      const counts: Counts | undefined = await tokens?.get();
      this.reset();
      for (const [state, count] of counts ?? []) this.set({ state }, count);
    },
  });

  const listening = countEvents(registers);
  return {
    contentType: register.contentType,
    text: () => register.metrics(),
    use(next) {
      sources = next;
      tokens = new TokenCounts({ list: next.listTokens });
    },
    stop() {
      for (const stop of listening) stop();
      register.clear();
    },
  };
}

/** Counts what the bot does. Returns what ends that. */
function countEvents(registers: Registry[]): (() => void)[] {
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });
  const commandsTotal = counter('commands_total', 'Commands by outcome.', ['command', 'outcome']);
  const callsTotal = counter('token_api_calls_total', 'Calls of the token API.', ['operation', 'outcome']);
  const syncsTotal = counter('syncs_total', 'Answers to /sync by outcome.', ['outcome']);
  const undecryptableTotal = counter(
    'undecryptable_messages_total',
    'Encrypted messages that could not be decrypted on arrival.',
    [],
  );
  const unansweredTotal = counter(
    'unanswered_total',
    'Messages of people without access beyond their quota: not stored, not answered.',
    [],
  );
  const droppedTotal = counter(
    'to_device_dropped_total',
    'To-device messages that were ignored, because their senders sent too many.',
    ['sender'],
  );
  const durations = new Histogram({
    name: `${PREFIX}homeserver_request_duration_seconds`,
    help: 'Duration of requests to the homeserver; each retry counts.',
    labelNames: ['endpoint', 'outcome'],
    buckets: BUCKETS,
    registers,
  });

  return [
    commands.listen(({ name, outcome }) => commandsTotal.inc({ command: name, outcome })),
    adminCalls.listen((call) => callsTotal.inc({ ...call })),
    syncs.listen(({ outcome }) => syncsTotal.inc({ outcome })),
    undecryptable.listen(() => undecryptableTotal.inc()),
    unanswered.listen(() => unansweredTotal.inc()),
    toDeviceDropped.listen(({ senderClass }) => droppedTotal.inc({ sender: senderClass })),
    requests.listen(({ path, outcome, seconds }) =>
      durations.observe({ endpoint: endpointClass(path), outcome }, seconds),
    ),
  ];
}

/** The endpoint label of a path. */
export function endpointClass(path: string): string {
  return CLASSES.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}
