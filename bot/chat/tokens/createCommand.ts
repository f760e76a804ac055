import { parseDuration } from '../../../common/duration.ts';
import { problem } from '../../../common/problems/problem.ts';
import type { CreateTokens } from '../../../common/token.ts';
import { createTokens } from '../../tokens/createTokens.ts';
import { type Command, Unconfirmed } from '../command.ts';
import { parseCount, parseExpiry, parseUses, splitArguments } from '../grammar.ts';
import { renderCreated } from './tokensReply.ts';

export const create: Command = {
  name: 'create',
  usage: '[TOKEN] [uses=N|unlimited] [expires=7d|never|2026-12-31] [count=N]',
  summary: 'makes a registration token',
  examples: [
    { line: 'create', does: 'one use, seven days' },
    { line: 'create uses=5 expires=2w', does: 'five uses, two weeks' },
    {
      line: 'create summer-party uses=unlimited expires=2026-12-31',
      does: 'a token of your own, until the end of that day (UTC)',
    },
    { line: 'create count=10', does: 'ten tokens at once' },
  ],
  restricted: true,
  async run(args, { tokens, request, receivedAt, clock, serverName }) {
    const outcome = await createTokens(tokens, request, read(args, receivedAt), receivedAt);
    const { failed, planned } = outcome;
    if (failed?.transient) {
      // Without an answer, the homeserver may have created the token or not.
      throw new Unconfirmed(
        failed,
        `It may have been created all the same: \`show ${planned[0] ?? ''}\` tells.`,
      );
    }
    return renderCreated(outcome, serverName, clock());
  },
};

function read(args: readonly string[], now: number): CreateTokens {
  const { words, options } = splitArguments(args, ['token', 'uses', 'expires', 'count']);
  const [word, ...more] = words;
  if (more.length > 0) {
    throw problem('name_with_spaces', { text: words.join(' ') });
  }
  if (word !== undefined) askBack(word);
  const token = options.token ?? word;
  return {
    ...(token === undefined ? {} : { token }),
    ...(options.uses === undefined ? {} : { uses_allowed: parseUses(options.uses) }),
    ...(options.expires === undefined ? {} : { expiry_time: parseExpiry(options.expires, now) }),
    ...(options.count === undefined ? {} : { count: parseCount(options.count, 'count') }),
  };
}

/** Rejects a name such as `5` or `7d`, which was probably meant as an option. @throws Problem `invalid_input` */
function askBack(word: string): void {
  const meant = (option: string) => problem('name_like_option', { option, word });
  if (/^(?:\d{1,9}|unlimited)$/i.test(word)) throw meant('uses');
  if (/^never$/i.test(word) || parseDuration(word) !== undefined) throw meant('expires');
}
