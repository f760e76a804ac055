import * as z from 'zod/mini';
import { problem } from '../../../common/problems/problem.ts';
import { listTokens } from '../../tokens/listTokens.ts';
import type { Command } from '../command.ts';
import { splitArguments } from '../grammar.ts';
import { type DeletionScope, inScope, seenTokenSchema } from './deletion.ts';
import { renderNothingToDelete } from './deletionReply.ts';
import { askToDelete } from './deletionRun.ts';

const SCOPES: Record<string, Exclude<DeletionScope, 'named'>> = {
  all: 'all',
  expired: 'expired',
  used: 'used',
};

export const deleteAll: Command = {
  name: 'delete-all',
  restricted: true,
  async run(args, context) {
    const [word = 'all', ...more] = splitArguments(args, []).words;
    const scope = SCOPES[word.toLowerCase()];
    if (scope === undefined || more.length > 0) {
      throw problem('scope_unknown', { words: [word, ...more].join(' ') });
    }
    const { request } = context;
    const tokens = await request.step('delete', z.array(seenTokenSchema), async () =>
      (await listTokens(context.tokens, request)).filter((token) => inScope(token, scope)),
    );
    if (tokens.length === 0) return renderNothingToDelete(context.words, scope);
    await askToDelete(context, scope, tokens, []);
    return undefined;
  },
};
