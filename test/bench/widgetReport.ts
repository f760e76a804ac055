// The widget's results as tables.
import { SCROLL_STEP } from './page.ts';
import type { RestResult } from './process.ts';
import { ms, table, verdict } from './table.ts';
import type { WidgetResults } from './widget.ts';

/** JavaScript and CSS, gzipped. */
const WIDGET_TARGET_BYTES = 45 * 1024;

export function renderWidgetResults({ api, loads, scrolling, wire, rest }: WidgetResults): string[] {
  const code = wire.filter(({ name }) => name === 'JavaScript' || name === 'CSS');
  const gzipped = code.reduce((sum, { gzip }) => sum + gzip, 0);
  const target = verdict(`≤ ${WIDGET_TARGET_BYTES}`, gzipped <= WIDGET_TARGET_BYTES);
  return [
    'Widget: a request to its API, and the same asked of Synapse, which has no pages (ms; requests a second, 8 at a time)',
    table(
      ['', 'samples', 'median', 'p95', 'Synapse', 'p95', 'req/s', 'Synapse'],
      api.map(({ name, bot, synapse, throughput }) => [
        name,
        String(bot.samples),
        ms(bot.median),
        ms(bot.p95),
        ms(synapse.median),
        ms(synapse.p95),
        throughput.bot.toFixed(0),
        throughput.synapse.toFixed(0),
      ]),
    ),
    '',
    'Widget: from the start of the iframe to the first token on the screen (ms)',
    table(
      ['', 'samples', 'median', 'p95'],
      loads.map(({ name, list }) => [name, String(list.samples), ms(list.median), ms(list.p95)]),
    ),
    '',
    `Widget: frames while a list of ${scrolling.tokens.toLocaleString('en')} tokens scrolls by ${SCROLL_STEP} px a frame (ms)`,
    table(
      ['', 'frames', 'median', 'p95', 'longest', 'waiting for a page %'],
      [
        [
          'scrolling',
          String(scrolling.frames.samples),
          ms(scrolling.frames.median),
          ms(scrolling.frames.p95),
          ms(scrolling.longest),
          scrolling.waitingPercent.toFixed(1),
        ],
      ],
    ),
    '',
    'Widget: bytes over the wire, without headers',
    table(
      ['', 'plain', 'gzip', 'br', 'target (JavaScript and CSS, gzip)'],
      wire.map(({ name, plain, gzip, brotli }) => [
        name,
        String(plain),
        String(gzip),
        String(brotli),
        name === 'JavaScript' ? target : '',
      ]),
    ),
    '',
    'Widget: the bot at rest with the widget on',
    table(
      ['', 'resident MiB', 'CPU %'],
      [
        restRow('nobody has opened it', rest.unused),
        restRow('open somewhere', rest.watched),
        restRow('after all of this', rest.afterAll),
      ],
    ),
  ];
}

function restRow(name: string, { residentMib, cpuPercent }: RestResult): string[] {
  return [name, residentMib.toFixed(1), cpuPercent === undefined ? '?' : cpuPercent.toFixed(2)];
}
