import { problem } from '../../../common/problems/problem.ts';
import type { Command, RestrictedContext } from '../command.ts';
import type { Rendered } from '../reply/document.ts';

export const confirm: Command = {
  name: 'confirm',
  restricted: true,
  async run(_args, context) {
    return await answer(context, true);
  },
};

export const cancel: Command = {
  name: 'cancel',
  restricted: true,
  async run(_args, context) {
    return await answer(context, false);
  },
};

/** @throws Problem `nothing_to_confirm` */
async function answer(context: RestrictedContext, yes: boolean): Promise<Rendered> {
  const outcome = await context.confirmations.answerByCommand(context, yes);
  if (outcome === undefined) throw problem('nothing_to_confirm');
  return outcome;
}
