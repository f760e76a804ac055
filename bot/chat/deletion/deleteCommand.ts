import * as z from 'zod/mini';
import { problem } from '../../../common/problems/problem.ts';
import { showTokens } from '../../tokens/showTokens.ts';
import type { Command } from '../command.ts';
import { parseTokens, splitArguments } from '../grammar.ts';
import { MAX_DELETIONS_BY_NAME, seenTokenSchema } from './deletion.ts';
import { renderNoneFound } from './deletionReply.ts';
import { askToDelete } from './deletionRun.ts';

/** What the question is about. */
export const askedSchema = z.object({ found: z.array(seenTokenSchema), unknown: z.array(z.string()) });

export const deleteByName: Command = {
  name: 'delete',
  restricted: true,
  async run(args, context) {
    const asked = parseTokens(splitArguments(args, []).words);
    if (asked.length === 0) throw problem('token_not_named', { command: 'delete' });
    if (asked.length > MAX_DELETIONS_BY_NAME) {
      throw problem('too_many_named', { most: MAX_DELETIONS_BY_NAME });
    }
    const { tokens, request } = context;
    const { found, unknown } = await request.step('delete', askedSchema, async () => {
      const answers = await showTokens(tokens, request, asked);
      return {
        found: answers.filter((token) => token !== null),
        unknown: asked.filter((_, index) => answers[index] === null),
      };
    });
    if (found.length === 0) return renderNoneFound(context.words, unknown);
    await askToDelete(context, 'named', found, unknown);
    return undefined;
  },
};
