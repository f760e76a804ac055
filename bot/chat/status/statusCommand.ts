import { FINDING_MARKS, findingText } from '../../status/finding.ts';
import type { Command } from '../command.ts';
import { bold, list, render } from '../reply/document.ts';

export const status: Command = {
  name: 'status',
  usage: '',
  summary: 'shows what works and what does not',
  examples: [],
  restricted: true,
  async run(_args, context) {
    const report = await context.status();
    return render(
      list(report.map((it) => [`${FINDING_MARKS[it.state]} `, bold(it.about), `: ${findingText(it)}`])),
    );
  },
};
