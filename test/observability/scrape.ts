// What Prometheus reads, and what asks for health.
import type { RestartableBot } from '../harness/restartableBot.ts';

export const METRICS_SETTINGS = { METRICS_LISTEN: '127.0.0.1:0' };

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([Nn]a[Nn]|[+-]Inf|[-+0-9.e]+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Reads the text format of Prometheus (version 0.0.4), and nothing that only looks like it.
 * @throws Error that names the line
 */
export function parseMetrics(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const types = new Map<string, string>();
  return text.split('\n').flatMap((line) => {
    const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      if (types.has(name)) throw new Error(`${name} comes twice.`);
      types.set(name, type);
    }
    if (line === '' || line.startsWith('#')) return [];
    const sample = readSample(line);
    const family = sample.name.replace(/_(bucket|sum|count)$/, '');
    if (!types.has(sample.name) && !types.has(family)) throw new Error(`No type: ${line}`);
    return [sample];
  });
}

function readSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === '') throw new Error(`No sample: ${line}`);
  const read: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let end = 0; end < labels.length; end = LABEL.lastIndex) {
    const [, label, quoted] = LABEL.exec(labels) ?? [];
    if (label === undefined || quoted === undefined) throw new Error(`Bad labels: ${line}`);
    read[label] = quoted.replaceAll(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
  }
  // Prometheus reads numbers as Go does, in any case; prom-client writes “Nan”.
  return { name, labels: read, value: value.endsWith('Inf') ? Number(`${value}inity`) : Number(value) };
}

export class Scrape {
  readonly text: string;
  readonly samples: readonly Sample[];

  constructor(text: string) {
    this.text = text;
    this.samples = parseMetrics(text);
  }

  /** undefined: there is no such sample. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    return this.samples.find(
      (sample) =>
        sample.name === `registration_bot_${name}` &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )?.value;
  }
}

export async function scrape(bot: Pick<RestartableBot, 'metricsAddress'>): Promise<Scrape> {
  const response = await fetch(`${bot.metricsAddress}/metrics`);
  if (response.status !== 200) throw new Error(`GET /metrics: ${response.status}`);
  return new Scrape(await response.text());
}

export interface HealthSeen {
  readonly status: number;
  readonly body: { status: string; reason?: string; code?: string; since?: string };
}

/** @param address of one of the bot's listeners */
export async function healthAt(address: string | undefined, path = '/health'): Promise<HealthSeen> {
  const response = await fetch(`${address}${path}`);
  return { status: response.status, body: (await response.json()) as HealthSeen['body'] };
}
