import { problem } from '../../../common/problems/problem.ts';
import type { Command } from '../command.ts';
import { parseTokens, splitArguments } from '../grammar.ts';
import { MAX_DELETIONS_BY_NAME } from './deletion.ts';
import { renderNoneFound } from './deletionReply.ts';

export const deleteTokens: Command = {
  name: 'delete',
  usage: 'TOKEN…',
  summary: 'deletes one or more tokens, after you confirmed',
  examples: [
    { line: 'delete abcdef123456', does: 'nobody can register with it any more; accounts made with it stay' },
  ],
  restricted: true,
  async run(args, context) {
    const asked = parseTokens(splitArguments(args, []).words);
    if (asked.length === 0) throw problem('token_not_named', { command: 'delete' });
    if (asked.length > MAX_DELETIONS_BY_NAME) {
      throw problem('too_many_named', { most: MAX_DELETIONS_BY_NAME });
    }
    const { found, unknown } = await context.remember(async () => {
      const answers = await context.service.get(context.actor, asked);
      return {
        found: answers.filter((token) => token !== null),
        unknown: asked.filter((_, index) => answers[index] === null),
      };
    });
    if (found.length === 0) return renderNoneFound(unknown);
    await context.confirmations.ask(context, { scope: 'named', tokens: found }, unknown);
    return undefined;
  },
};
