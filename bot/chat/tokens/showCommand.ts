import { problem } from '../../../common/problems/problem.ts';
import { showTokens } from '../../tokens/showTokens.ts';
import type { Command } from '../command.ts';
import { parseTokens, splitArguments } from '../grammar.ts';
import { renderShow } from './tokensReply.ts';

/** What fits into one message. */
const MOST_AT_ONCE = 20;

export const show: Command = {
  name: 'show',
  usage: 'TOKEN…',
  summary: 'shows all there is to know of one or more tokens',
  examples: [{ line: 'show abcdef123456', does: 'uses left, completed, pending, expiry' }],
  restricted: true,
  async run(args, { tokens, request, clock }) {
    const names = parseTokens(splitArguments(args, []).words);
    if (names.length === 0) throw problem('token_not_named', { command: 'show' });
    if (names.length > MOST_AT_ONCE) throw problem('too_many_shown', { most: MOST_AT_ONCE });
    return renderShow(names, await showTokens(tokens, request, names), clock());
  },
};
