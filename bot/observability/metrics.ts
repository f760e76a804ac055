// What Prometheus gets to see. Labels take few values, all of them the bot's own words: no room, no person, no token.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Health } from './health.ts';
import { adminCalls, commands, requests, syncs, undecryptable } from './observed.ts';
import { type Counts, TokenCounts, type TokenCountsOptions } from './tokenCounts.ts';

/** What kind of request a path is. Paths hold room IDs, user IDs and tokens: only these words get out of here. */
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
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/state\b/, 'state'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/messages$/, 'messages'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/(?:joined_)?members$/, 'members'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/(?:leave|join|forget)$/, 'membership'],
];

/** What is there once the bot has started. */
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
  /** Counts no more. */
  stop(): void;
}

const PREFIX = 'registration_bot_';
/** Seconds; the last ones are for /sync, which waits for half a minute. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 35, 60];

/** @param version the bot's own */
export function startMetrics(health: Health, version: string): Metrics {
  const register = new Registry();
  const registers = [register];
  let sources: MetricSources | undefined;
  let tokens: TokenCounts | undefined;

  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        const value = read();
        // What is not known is not told, rather than told to be 0.
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

  gauge('ready', '1 while the bot does its work, as /health says.', () =>
    health.report().status === 'ok' ? 1 : 0,
  );
  gauge('sync_age_seconds', 'Seconds since the last answer to /sync was taken in.', () =>
    health.silentFor === undefined ? undefined : health.silentFor / 1000,
  );
  gauge('inbox_open', 'Commands, reactions and greetings that are not worked off yet.', () =>
    sources?.openInboxItems(),
  );
  gauge('undecryptable_waiting', 'Encrypted messages whose key has not come yet.', () =>
    sources?.undecryptableMessages(),
  );
  gauge('widget_sessions', 'People signed in to the widget.', () => sources?.widget?.sessions() ?? 0);
  gauge('widget_streams', 'Widgets that get live changes.', () => sources?.widget?.streams() ?? 0);
  new Gauge({
    name: `${PREFIX}tokens`,
    help: 'Registration tokens by state, up to a minute old; absent while the homeserver does not tell.',
    labelNames: ['state'],
    registers,
    async collect() {
      const counts: Counts | undefined = await tokens?.get();
      this.reset();
      for (const [state, count] of counts ?? []) this.set({ state }, count);
    },
  });

  const commandsTotal = counter('commands_total', 'Commands by what became of them.', ['command', 'outcome']);
  const callsTotal = counter('token_api_calls_total', 'Calls of the token API.', ['operation', 'outcome']);
  const syncsTotal = counter('syncs_total', 'Answers to /sync, taken in or failed.', ['outcome']);
  const undecryptableTotal = counter(
    'undecryptable_messages_total',
    'Encrypted messages that could not be read when they came.',
    [],
  );
  const durations = new Histogram({
    name: `${PREFIX}homeserver_request_duration_seconds`,
    help: 'How long requests to the homeserver took, each try by itself.',
    labelNames: ['endpoint', 'outcome'],
    buckets: BUCKETS,
    registers,
  });

  const listening = [
    commands.listen(({ name, outcome }) => commandsTotal.inc({ command: name, outcome })),
    adminCalls.listen((call) => callsTotal.inc({ ...call })),
    syncs.listen(({ outcome }) => syncsTotal.inc({ outcome })),
    undecryptable.listen(() => undecryptableTotal.inc()),
    requests.listen(({ path, outcome, seconds }) =>
      durations.observe({ endpoint: endpointClass(path), outcome }, seconds),
    ),
  ];
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

/** One of a few words, whatever the path is. */
export function endpointClass(path: string): string {
  return CLASSES.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}
