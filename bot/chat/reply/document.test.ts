import { describe, expect, test } from 'vitest';
import { ENGLISH } from '../../words/en/english.ts';
import { code, command, enumerate } from '../../words/inline.ts';
import { list, paragraph, render, renderText } from './document.ts';

const HOSTILE = `<img src=x onerror="alert(1)">&amp;'`;

describe('a reply', () => {
  test('is the same in plain text and in HTML', () => {
    const reply = render(
      ENGLISH,
      paragraph('New: ', code('abc')),
      list([[code('a'), ' one'], ['two']]),
      paragraph('Send ', command('list 2'), '.'),
    );
    expect(reply.body).toBe('New: abc\n\n• a one\n• two\n\nSend “list 2”.');
    expect(reply.html).toBe(
      '<p>New: <code>abc</code></p><ul><li><code>a</code> one</li><li>two</li></ul>' +
        '<p>Send <code>list 2</code>.</p>',
    );
  });

  test('escapes text everywhere', () => {
    const { body, html } = render(
      ENGLISH,
      paragraph(HOSTILE, code(HOSTILE), command(HOSTILE), { bold: HOSTILE }),
      list([[HOSTILE]]),
    );
    expect(html).not.toMatch(/<img|onerror="/);
    expect(html.match(/&lt;img src=x onerror=&quot;alert\(1\)&quot;&gt;&amp;amp;/g)).toHaveLength(5);
    expect(body).toContain(HOSTILE);
  });

  test('shows words in backticks as commands, unless a backtick is unpaired', () => {
    expect(renderText(ENGLISH, 'Send `list`.')).toEqual({
      body: 'Send “list”.',
      html: '<p>Send <code>list</code>.</p>',
    });
    expect(renderText(ENGLISH, 'a ` b <c>')).toEqual({ body: 'a ` b <c>', html: '<p>a ` b &lt;c&gt;</p>' });
  });

  test('shows addresses as code, of which clients make no links', () => {
    const { html } = renderText(
      ENGLISH,
      'The homeserver at https://hs.example.org:8448 refused (http://x). See `help`.',
    );
    expect(html).toBe(
      '<p>The homeserver at <code>https://hs.example.org:8448</code> refused (<code>http://x</code>). See <code>help</code>.</p>',
    );
  });

  test.each([[[]], [['a']], [['a', 'b']], [['a', 'b', 'c']]])('enumerates %j', (words) => {
    const expected = ['', 'a', 'a and b', 'a, b and c'];
    expect(enumerate(words, 'and').join('')).toBe(expected[words.length]);
  });
});

describe('a reply that is too long for an event', () => {
  const bytes = (reply: object) => Buffer.byteLength(JSON.stringify(reply));

  test.each(['<', '"', '😀', '\u0001', 'word '])('is cut, also if it consists of %j', (part) => {
    const reply = render(ENGLISH, paragraph(part.repeat(30_000)));
    expect(bytes(reply)).toBeLessThan(25_000);
    expect(reply.body).toContain('This was too long for one message.');
    expect(reply.body.isWellFormed()).toBe(true);
    expect(reply.html.isWellFormed()).toBe(true);
  });

  test('is left whole as long as it fits', () => {
    const tokens = Array.from({ length: 50 }, (_, i) => [code(`${i}`.padStart(64, 'x'))]);
    expect(render(ENGLISH, list(tokens)).body.split('\n')).toHaveLength(50);
  });

  test('shortens a very long word', () => {
    const { body } = renderText(ENGLISH, `I can’t list “${'x'.repeat(5_000)}”. Write \`list\`.`);
    expect(body.length).toBeLessThan(200);
    expect(body).toMatch(/x…”?.* Write “list”\.$/);
  });
});
