import { expect, test } from 'vitest';
import { SseParser } from './sse.ts';

const STREAM =
  ': hello\n\nid: 7\nevent: tokens\ndata: {"a":\ndata: 1}\n\nid: 8\r\ndata: x\r\n\r\nevent: nothing\n\ndata:  y\rdata\r\r\n';
const EVENTS = [
  { event: 'tokens', data: '{"a":\n1}', id: '7' },
  { event: 'message', data: 'x', id: '8' },
  { event: 'message', data: ' y\n', id: '8' },
];

test('a stream in one piece', () => {
  expect(new SseParser().push(STREAM)).toEqual(EVENTS);
});

test.each([1, 2, 3, 7])('the same stream in pieces of %d characters', (size) => {
  const parser = new SseParser();
  const events = [];
  for (let at = 0; at < STREAM.length; at += size) events.push(...parser.push(STREAM.slice(at, at + size)));
  expect(events).toEqual(EVENTS);
});

test('an event is given once its empty line is there, not before', () => {
  const parser = new SseParser();
  expect(parser.push('data: a\n')).toEqual([]);
  expect(parser.push('\n')).toEqual([{ event: 'message', data: 'a', id: '' }]);
});
