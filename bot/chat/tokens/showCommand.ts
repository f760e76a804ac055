import { problem } from '../../../common/problems/problem.ts';
import { showTokens } from '../../tokens/showTokens.ts';
import type { Command } from '../command.ts';
import { parseTokens, splitArguments } from '../grammar.ts';
import { renderShow } from './tokensReply.ts';

/** What fits into one message. */
const MOST_AT_ONCE = 20;

export const show: Command = {
  name: 'show',
  restricted: true,
  async run(args, { tokens, request, clock, words }) {
    const names = parseTokens(splitArguments(args, []).words);
    if (names.length === 0) throw problem('token_not_named', { command: 'show' });
    if (names.length > MOST_AT_ONCE) throw problem('too_many_shown', { most: MOST_AT_ONCE });
    return renderShow(words, names, await showTokens(tokens, request, names), clock());
  },
};
