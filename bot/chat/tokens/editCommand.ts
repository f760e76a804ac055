import { problem } from '../../../common/problems/problem.ts';
import { editToken } from '../../tokens/editToken.ts';
import type { Command } from '../command.ts';
import { parseExpiry, parseTokens, parseUses, splitArguments } from '../grammar.ts';
import { renderEdited } from './tokensReply.ts';

export const edit: Command = {
  name: 'edit',
  usage: 'TOKEN [uses=N|unlimited] [expires=7d|never|2026-12-31]',
  summary: 'changes how often and how long a token can be used',
  examples: [
    { line: 'edit abcdef123456 uses=3', does: 'three uses in all, those already taken included' },
    { line: 'edit abcdef123456 expires=14d', does: 'two weeks from now' },
  ],
  restricted: true,
  async run(args, { tokens, request, receivedAt, clock }) {
    const { words, options } = splitArguments(args, ['uses', 'expires']);
    const [token, ...more] = parseTokens(words);
    if (token === undefined) throw problem('edit_without_token');
    if (more.length > 0) throw problem('edit_of_several');
    const change = {
      ...(options.uses === undefined ? {} : { uses_allowed: parseUses(options.uses) }),
      ...(options.expires === undefined ? {} : { expiry_time: parseExpiry(options.expires, receivedAt) }),
    };
    return renderEdited(await editToken(tokens, request, { token, change }), clock());
  },
};
