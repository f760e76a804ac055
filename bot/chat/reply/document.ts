// A reply as blocks of text, rendered as plain text and as HTML, so that both say the same and all text from outside
// is escaped.
import * as z from 'zod/mini';
import { type Inline, inline, plainText } from '../../words/inline.ts';
import type { Words } from '../../words/words.ts';
import { beginningOf } from './beginning.ts';

export type Block =
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Inline[])[] };

/** Sent as `body` and `formatted_body`; stored as JSON until then. */
export const renderedSchema = z.readonly(z.object({ body: z.string(), html: z.string() }));
export type Rendered = z.infer<typeof renderedSchema>;

export const paragraph = (...content: Inline[]): Block => ({ kind: 'paragraph', content });
export const list = (items: readonly (readonly Inline[])[]): Block => ({ kind: 'list', items });

/** An event has 65,536 bytes at most, and an edit carries its text twice. */
const MOST_BYTES = 25_000;
/** Stays below `MOST_BYTES` as text and HTML, however much has to be escaped. */
const CUT_CHARACTERS = 2_000;
/** No token, user ID or address is longer; only pasted text is. */
const LONGEST_WORD = 200;

export function render({ general }: Words, ...blocks: readonly Block[]): Rendered {
  const whole = {
    body: blocks.map(blockToPlain).join('\n\n'),
    html: blocks.map(blockToHtml).join(''),
  };
  if (Buffer.byteLength(JSON.stringify(whole)) <= MOST_BYTES) return whole;
  const start = `${beginningOf(whole.body, CUT_CHARACTERS)}…`;
  return {
    body: `${start}\n\n${general.tooLong}`,
    html: `<p>${inlineToHtml([start])}</p><p>${general.tooLong}</p>`,
  };
}

/** A message of one sentence or more, without markup; `words in backticks` are commands to type. */
export function renderText(words: Words, text: string): Rendered {
  return render(words, paragraph(...inline(withoutLongWords(text))));
}

function withoutLongWords(text: string): string {
  return text.replace(/\S+/gu, (word) =>
    word.length > LONGEST_WORD ? `${beginningOf(word, LONGEST_WORD / 2)}…` : word,
  );
}

function blockToPlain(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return plainText(block.content);
    case 'list':
      return block.items.map((item) => `• ${plainText(item)}`).join('\n');
  }
}

function blockToHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${inlineToHtml(block.content)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${inlineToHtml(item)}</li>`).join('')}</ul>`;
  }
}

function inlineToHtml(content: readonly Inline[]): string {
  return content
    .map((part) => {
      if (typeof part === 'string') return escapeHtml(part).replaceAll('\n', '<br>');
      if ('bold' in part) return `<strong>${escapeHtml(part.bold)}</strong>`;
      return `<code>${escapeHtml('code' in part ? part.code : part.command)}</code>`;
    })
    .join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
