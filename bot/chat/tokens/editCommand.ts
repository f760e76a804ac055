import { problem } from '../../../common/problems/problem.ts';
import { editToken } from '../../tokens/editToken.ts';
import type { Command } from '../command.ts';
import { parseExpiry, parseTokens, parseUses, splitArguments } from '../grammar.ts';
import { renderEdited } from './tokensReply.ts';

export const edit: Command = {
  name: 'edit',
  restricted: true,
  async run(args, { tokens, request, receivedAt, clock, words }) {
    const { words: names, options } = splitArguments(args, ['uses', 'expires']);
    const [token, ...more] = parseTokens(names);
    if (token === undefined) throw problem('edit_without_token');
    if (more.length > 0) throw problem('edit_of_several');
    const change = {
      ...(options.uses === undefined ? {} : { uses_allowed: parseUses(options.uses) }),
      ...(options.expires === undefined ? {} : { expiry_time: parseExpiry(options.expires, receivedAt) }),
    };
    return renderEdited(words, await editToken(tokens, request, { token, change }), clock());
  },
};
