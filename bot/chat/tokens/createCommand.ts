import { parseDuration } from '../../../common/duration.ts';
import { problem } from '../../../common/problems/problem.ts';
import type { CreateTokens } from '../../../common/token.ts';
import { createTokens } from '../../tokens/createTokens.ts';
import { type Command, Unconfirmed } from '../command.ts';
import { parseCount, parseExpiry, parseUses, splitArguments } from '../grammar.ts';
import { renderCreated } from './tokensReply.ts';

export const create: Command = {
  name: 'create',
  restricted: true,
  async run(args, { tokens, request, receivedAt, clock, serverName, words }) {
    const outcome = await createTokens(tokens, request, read(args, receivedAt), receivedAt);
    const { failed, planned } = outcome;
    if (failed?.transient) {
      // Without an answer, the homeserver may have created the token or not.
      throw new Unconfirmed(failed, words.tokens.maybeCreated(planned[0] ?? ''));
    }
    return renderCreated(words, outcome, serverName, clock());
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
