import { problem } from '../../../common/problems/problem.ts';
import { listTokens } from '../../tokens/listTokens.ts';
import type { Command } from '../command.ts';
import { parseCount, splitArguments } from '../grammar.ts';
import { FILTERS, type Filter, renderList } from './tokensReply.ts';

export const list: Command = {
  name: 'list',
  restricted: true,
  async run(args, { tokens, request, clock, words }) {
    const { filter, page } = read(args);
    return renderList(words, { tokens: await listTokens(tokens, request), filter, page }, clock());
  },
};

function read(args: readonly string[]): { filter: Filter | undefined; page: number } {
  let filter: Filter | undefined;
  let page: number | undefined;
  for (const word of splitArguments(args, []).words) {
    const lower = word.toLowerCase();
    if (isFilter(lower) && filter === undefined) filter = lower;
    else if (/^-?\d/.test(word) && page === undefined) page = parseCount(word, 'page');
    else throw problem('filter_unknown', { word });
  }
  return { filter, page: page ?? 1 };
}

function isFilter(word: string): word is Filter {
  return Object.hasOwn(FILTERS, word);
}
