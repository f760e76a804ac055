// Accessibility as axe-core finds it, in the widget's own document.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'vitest';
import type { WidgetFrame } from './widgetFrame.ts';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** Fails with what is wrong and where. `state` names what the widget shows. */
export async function expectAccessible(widget: Pick<WidgetFrame, 'evaluate'>, state: string): Promise<void> {
  await widget.evaluate(`${SOURCE}; undefined`);
  // Colours that are in transition have no final contrast yet.
  await widget.evaluate(
    'Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity)' +
      '.map((a) => a.finished.catch(() => undefined))).then(() => undefined)',
  );
  const violations = await widget.evaluate<Violation[]>(
    'axe.run(document).then((result) => result.violations)',
  );
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).join(', ')})`,
  );
  expect(found, state).toEqual([]);
}
