import { problem } from '../../../common/problems/problem.ts';
import type { Command } from '../command.ts';
import { renderText } from '../reply/document.ts';

const NOTHING_OPEN = renderText(problem('nothing_to_confirm').sentence);

export const confirm: Command = {
  name: 'confirm',
  usage: '',
  summary: 'answers the open question with yes, like ✅',
  examples: [],
  restricted: true,
  async run(_args, context) {
    const outcome = await context.confirmations.answerByCommand(context, true);
    return outcome ?? NOTHING_OPEN;
  },
};

export const cancel: Command = {
  name: 'cancel',
  usage: '',
  summary: 'answers the open question with no, like ❌',
  examples: [],
  restricted: true,
  async run(_args, context) {
    const outcome = await context.confirmations.answerByCommand(context, false);
    return outcome ?? NOTHING_OPEN;
  },
};
