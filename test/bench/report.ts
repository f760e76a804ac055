// The results as tables for a terminal.
import type { CommandResult } from './commands.ts';
import type { EncryptionResults } from './encryption.ts';
import type { RestResult, StartResult } from './process.ts';
import type { Summary } from './stats.ts';
import { ms, table, verdict } from './table.ts';
import type { WidgetResults } from './widget.ts';
import { renderWidgetResults } from './widgetReport.ts';

export interface Results {
  machine: { node: string; synapse: string; processors: number };
  commands: CommandResult[];
  start: StartResult;
  /** After the commands of the first measurement, and after all of them. */
  rest: { afterCreate: RestResult; afterAll: RestResult };
  encryption: EncryptionResults;
  widget: WidgetResults;
}

const TARGETS = { createRatio: 1.25, firstSyncMs: 1_000, residentMib: 140, busyMib: 200 } as const;

export function renderResults({ machine, commands, start, rest, encryption, widget }: Results): string {
  return [
    `Node ${machine.node}, Synapse ${machine.synapse}, ${machine.processors} processors`,
    '',
    'From the command to the answer (ms); floor: the same requests with nothing around them',
    table(
      ['', 'samples', 'median', 'p95', 'floor', 'p95', 'ratio', 'target'],
      commands.map((result) => [
        result.name,
        String(result.bot.samples),
        ms(result.bot.median),
        ms(result.bot.p95),
        ms(result.floor.median),
        ms(result.floor.p95),
        result.ratio.toFixed(2),
        result.name === 'create'
          ? verdict(`≤ ${TARGETS.createRatio}`, result.ratio <= TARGETS.createRatio)
          : '',
      ]),
    ),
    '',
    'Start (ms)',
    table(
      ['', 'samples', 'median', 'p95', 'target'],
      [
        startRow('Node alone', start.node),
        startRow('and the bot’s modules', start.modules),
        startRow(
          'to the first sync',
          start.firstSync,
          verdict(`< ${TARGETS.firstSyncMs}`, start.firstSync.median < TARGETS.firstSyncMs),
        ),
        startRow('the same without compile cache', start.withoutCache),
      ],
    ),
    '',
    'At rest',
    table(
      ['', 'resident MiB', 'CPU %', 'target'],
      [restRow('after create', rest.afterCreate, true), restRow('after all commands', rest.afterAll, false)],
    ),
    '',
    ...renderEncryption(encryption),
    '',
    ...renderWidgetResults(widget),
    '',
  ].join('\n');
}

function startRow(name: string, summary: Summary, target = ''): string[] {
  return [name, String(summary.samples), ms(summary.median), ms(summary.p95), target];
}

function restRow(name: string, { residentMib, cpuPercent }: RestResult, hasTarget: boolean): string[] {
  const target = hasTarget ? verdict(`< ${TARGETS.residentMib}`, residentMib < TARGETS.residentMib) : '';
  return [name, residentMib.toFixed(1), cpuPercent === undefined ? '?' : cpuPercent.toFixed(2), target];
}

function renderEncryption(results: EncryptionResults): string[] {
  const { encrypted, clear, added, atRest, answers, afterAnswers } = results;
  const row = (name: string, { samples, median, p95 }: Summary) => [
    name,
    String(samples),
    ms(median),
    ms(p95),
  ];
  const rest = (name: string, { residentMib }: RestResult, most: number) => [
    name,
    residentMib.toFixed(1),
    verdict(`< ${most}`, residentMib < most),
  ];
  return [
    'Encryption: until the admin’s client shows the answer (ms)',
    table(
      ['', 'samples', 'median', 'p95'],
      [row('unencrypted room', clear), row('encrypted room', encrypted), ['added', '', ms(added), '']],
    ),
    '',
    table(
      ['', 'resident MiB', 'target'],
      [
        rest('at rest', atRest, TARGETS.residentMib),
        rest(`after ${answers} encrypted answers`, afterAnswers, TARGETS.busyMib),
      ],
    ),
  ];
}
