import { describe, expect, test } from 'vitest';
import {
  addressed,
  type BotNames,
  nearest,
  parseCount,
  parseExpiry,
  parseTokens,
  parseUses,
  splitArguments,
  splitCommand,
} from './grammar.ts';

const BOT: BotNames = { userId: '@regbot:example.org', displayName: 'Registration Bot', prefix: '!' };

test('200,000 quotes inside of a word are parsed in linear time', () => {
  // In quadratic time this would take most of a minute.
  const word = `x${'"'.repeat(200_000)}x`;
  expect(parseTokens([`"${word}"`])).toEqual([word]);
  expect(splitArguments([`uses=${word}`], ['uses']).options.uses).toBe(word);
});

describe('who is addressed', () => {
  const inRoom = (body: string, mentions: string[] = []) => addressed({ body, mentions, direct: false }, BOT);

  test.each([
    ['!list', 'list'],
    ['! list', 'list'],
    ['regbot: list', 'list'],
    ['RegBot, list', 'list'],
    ['@regbot list', 'list'],
    ['@regbot:example.org: list', 'list'],
    ['Registration Bot : list', 'list'],
    ['Registration Bot', ''],
    ['> <@a:b> earlier\n> words\n\n!list', 'list'],
  ])('%j is for the bot', (body, text) => {
    expect(inRoom(body)?.text).toBe(text);
  });

  test.each([
    'list',
    'regbots list',
    'registration',
    'hey regbot list',
    '> !list',
    '@regbot:example.organic x',
    '',
  ])('%j is not', (body) => {
    expect(inRoom(body)).toBeUndefined();
  });

  test('a mention addresses it, with its name in the text or without', () => {
    expect(inRoom('list', [BOT.userId])).toEqual({ text: 'list', how: 'mention' });
    expect(inRoom('Registration Bot: list', [BOT.userId])).toEqual({ text: 'list', how: 'mention' });
    expect(inRoom('list', ['@other:example.org'])).toBeUndefined();
  });

  test('in a direct room every message addresses it', () => {
    expect(addressed({ body: ' list ', mentions: [], direct: true }, BOT)).toEqual({
      text: 'list',
      how: 'direct',
    });
  });

  test('an empty prefix or a missing display name matches nothing', () => {
    const bot = { ...BOT, prefix: '', displayName: undefined };
    expect(addressed({ body: 'list', mentions: [], direct: false }, bot)).toBeUndefined();
    expect(addressed({ body: 'undefined list', mentions: [], direct: false }, bot)).toBeUndefined();
  });

  test('a prefix of letters is case-insensitive', () => {
    const bot = { ...BOT, prefix: 'Reg ' };
    expect(addressed({ body: 'reg list', mentions: [], direct: false }, bot)?.text).toBe('list');
  });
});

describe('the first word', () => {
  test.each([
    ['LIST  valid\t2', 'list', ['valid', '2']],
    ['delete—all expired', 'delete-all', ['expired']],
    ['delete‑all', 'delete-all', []],
    ['', '', []],
  ])('of %j is %j', (text, word, args) => {
    expect(splitCommand(text)).toEqual({ word, args });
  });

  test('that is nearly a command is recognised, one that is far from all is not', () => {
    const commands = ['create', 'list', 'delete', 'delete-all'];
    expect(nearest('crate', commands)).toBe('create');
    expect(nearest('deleteall', commands)).toBe('delete-all');
    expect(nearest('good', commands)).toBeUndefined();
    expect(nearest('', commands)).toBeUndefined();
  });
});

describe('arguments', () => {
  test('options stand anywhere, in any case and with any quotes', () => {
    expect(splitArguments(['Uses=5', '“party”', "expires='7d'"], ['uses', 'expires'])).toEqual({
      words: ['party'],
      options: { uses: '5', expires: '7d' },
    });
  });

  test.each([
    [['use=5'], 'Did you mean uses=?'],
    [['=5'], 'There is no option =.'],
    [['uses='], 'uses= has no value'],
    [['uses=""'], 'uses= has no value'],
    [['uses=1', 'USES=2'], 'given twice'],
    [['__proto__=1'], 'There is no option __proto__=.'],
  ])('%j is refused', (args, words) => {
    expect(() => splitArguments(args, ['uses'])).toThrow(
      expect.objectContaining({ sentence: expect.stringContaining(words) }),
    );
  });

  test('tokens are separated by spaces and commas, each counts once', () => {
    expect(parseTokens(['a,b', 'b,', ',', '`c`', '"d"'])).toEqual(['a', 'b', 'c', 'd']);
  });

  test.each([
    ['1', 1],
    ['0', 0],
    ['unlimited', null],
    ['∞', null],
    ['None', null],
  ])('uses=%s', (text, uses) => {
    expect(parseUses(text)).toBe(uses);
  });

  test.each(['', '-1', '1.5', '1e3', '0x10', 'five', '١', '12345678901'])('uses=%s is refused', (text) => {
    expect(() => parseUses(text)).toThrow('is not a number of uses');
  });

  test.each(['0', '-1', '1.5', 'x', '1234567'])('page %s is refused', (text) => {
    expect(() => parseCount(text, 'page')).toThrow('must be a whole number from 1');
  });
});

describe('an expiry', () => {
  const NOW = Date.parse('2026-06-01T12:00:00Z');

  test.each([
    ['12h', '2026-06-02T00:00:00Z'],
    ['1d12h', '2026-06-03T00:00:00Z'],
    ['2026-12-31', '2026-12-31T23:59:59Z'],
    ['2028-02-29', '2028-02-29T23:59:59Z'],
    ['2026-12-31T18:00', '2026-12-31T18:00:00Z'],
    ['2026-12-31T18:00:30Z', '2026-12-31T18:00:30Z'],
    ['2026-12-31t18:00z', '2026-12-31T18:00:00Z'],
    ['2026-12-31T18:00+02:00', '2026-12-31T16:00:00Z'],
    ['2026-12-31T18:00-05:30', '2026-12-31T23:30:00Z'],
    // Past: refused, but by the rule for all expiries.
    ['2020-01-01', '2020-01-01T23:59:59Z'],
  ])('%s is %s', (text, time) => {
    expect(new Date(parseExpiry(text, NOW) ?? 0)).toEqual(new Date(time));
  });

  test('never is null', () => {
    expect(parseExpiry('Never', NOW)).toBeNull();
  });

  test.each([
    '2026-02-31',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-12-31T25:00',
    '2026-12-31T18:60',
    '2026-12-31 18:00',
    '2026-12-31T18:00+99:00',
    '2026-12-31Z',
    '31.12.2026',
    '12/31/2026',
    '26-12-31',
    '+292277-01-01',
    '7',
    'tomorrow',
    '',
  ])('%s is refused with what can be written', (text) => {
    expect(() => parseExpiry(text, NOW)).toThrow(
      expect.objectContaining({
        kind: 'invalid_input',
        remedy: expect.stringContaining('expires=12h, 7d, 2w'),
      }),
    );
  });
});
