import { FINDING_MARKS } from '../../status/finding.ts';
import { bold, code, inline } from '../../words/inline.ts';
import type { Command } from '../command.ts';
import { list, render } from '../reply/document.ts';

export const status: Command = {
  name: 'status',
  restricted: true,
  async run(_args, { status, words }) {
    const findings = await status();
    const lines = findings.map(({ state, about, text, detail }) => [
      `${FINDING_MARKS[state]} `,
      bold(words.status.about[about] ?? about),
      ': ',
      // The sentences of problems have commands in backticks.
      ...text(words).flatMap((part) => (typeof part === 'string' ? inline(part) : [part])),
      // Of addresses in it, clients would make links.
      ...(detail === undefined ? [] : [' ', code(detail)]),
    ]);
    return render(words, list(lines));
  },
};
