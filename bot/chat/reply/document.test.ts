import { describe, expect, test } from 'vitest';
import { code, command, enumerate, list, paragraph, render, renderText, table } from './document.ts';

const HOSTILE = `<img src=x onerror="alert(1)">&amp;'`;

describe('a reply', () => {
  test('is the same in plain text and in HTML', () => {
    const reply = render(
      paragraph('New: ', code('abc')),
      list([[code('a'), ' one'], ['two']]),
      table(['Token', 'State'], [[code('abc'), 'valid']]),
      paragraph('Send ', command('list 2'), '.'),
    );
    expect(reply.body).toBe('New: abc\n\n• a one\n• two\n\nabc · valid\n\nSend “list 2”.');
    expect(reply.html).toBe(
      '<p>New: <code>abc</code></p><ul><li><code>a</code> one</li><li>two</li></ul>' +
        '<table><thead><tr><th>Token</th><th>State</th></tr></thead><tbody><tr><td><code>abc</code></td><td>valid</td></tr></tbody></table>' +
        '<p>Send <code>list 2</code>.</p>',
    );
  });

  test('escapes text everywhere', () => {
    const { body, html } = render(
      paragraph(HOSTILE, code(HOSTILE), command(HOSTILE), { bold: HOSTILE }),
      list([[HOSTILE]]),
      table([HOSTILE], [[code(HOSTILE)]]),
    );
    expect(html).not.toMatch(/<img|onerror="/);
    expect(html.match(/&lt;img src=x onerror=&quot;alert\(1\)&quot;&gt;&amp;amp;/g)).toHaveLength(7);
    expect(body).toContain(HOSTILE);
  });

  test('shows words in backticks as commands, unless a backtick is unpaired', () => {
    expect(renderText('Send `list`.')).toEqual({
      body: 'Send “list”.',
      html: '<p>Send <code>list</code>.</p>',
    });
    expect(renderText('a ` b <c>')).toEqual({ body: 'a ` b <c>', html: '<p>a ` b &lt;c&gt;</p>' });
  });

  test.each([[[]], [['a']], [['a', 'b']], [['a', 'b', 'c']]])('enumerates %j', (words) => {
    const expected = ['', 'a', 'a and b', 'a, b and c'];
    expect(enumerate(words).join('')).toBe(expected[words.length]);
  });
});

describe('a reply that is too long for an event', () => {
  const bytes = (reply: object) => Buffer.byteLength(JSON.stringify(reply));

  test.each(['<', '"', '😀', '\u0001', 'word '])('is cut, also if it consists of %j', (part) => {
    const reply = render(paragraph(part.repeat(30_000)));
    expect(bytes(reply)).toBeLessThan(25_000);
    expect(reply.body).toContain('This was too long for one message.');
    expect(reply.body.isWellFormed()).toBe(true);
    expect(reply.html.isWellFormed()).toBe(true);
  });

  test('is left whole as long as it fits', () => {
    const tokens = Array.from({ length: 50 }, (_, i) => [code(`${i}`.padStart(64, 'x'))]);
    expect(render(list(tokens)).body.split('\n')).toHaveLength(50);
  });

  test('shortens a very long word', () => {
    const { body } = renderText(`I can’t list “${'x'.repeat(5_000)}”. Write \`list\`.`);
    expect(body.length).toBeLessThan(200);
    expect(body).toMatch(/x…”?.* Write “list”\.$/);
  });
});
