// A reply as blocks of text, rendered as plain text and as HTML, so that both say the same and all text from outside
// is escaped.
import * as z from 'zod/mini';
import { beginningOf } from './beginning.ts';

/** `code`: a token or a user ID, to be copied as it is; `command`: something to type. */
export type Inline =
  | string
  | { readonly code: string }
  | { readonly command: string }
  | { readonly bold: string };

export type Block =
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Inline[])[] }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly Inline[])[];
    };

/** Sent as `body` and `formatted_body`; stored as JSON until then. */
export const renderedSchema = z.readonly(z.object({ body: z.string(), html: z.string() }));
export type Rendered = z.infer<typeof renderedSchema>;

export const code = (text: string): Inline => ({ code: text });
export const command = (text: string): Inline => ({ command: text });
export const bold = (text: string): Inline => ({ bold: text });
export const paragraph = (...content: Inline[]): Block => ({ kind: 'paragraph', content });
export const list = (items: readonly (readonly Inline[])[]): Block => ({ kind: 'list', items });
export const table = (head: readonly string[], rows: readonly (readonly Inline[])[]): Block => ({
  kind: 'table',
  head,
  rows,
});

/** `a`, `b` and `c` as inline content. */
export function enumerate(items: readonly Inline[]): Inline[] {
  return items.flatMap((item, index) => {
    if (index === 0) return [item];
    return [index === items.length - 1 ? ' and ' : ', ', item];
  });
}

/** An event has 65,536 bytes at most, and an edit carries its text twice. */
const MOST_BYTES = 25_000;
/** Stays below `MOST_BYTES` as text and HTML, however much has to be escaped. */
const CUT_CHARACTERS = 2_000;
/** No token, user ID or address is longer; only pasted text is. */
const LONGEST_WORD = 200;

export function render(...blocks: readonly Block[]): Rendered {
  const whole = {
    body: blocks.map(blockToPlain).join('\n\n'),
    html: blocks.map(blockToHtml).join(''),
  };
  if (Buffer.byteLength(JSON.stringify(whole)) <= MOST_BYTES) return whole;
  const note = 'This was too long for one message.';
  const start = `${beginningOf(whole.body, CUT_CHARACTERS)}…`;
  return { body: `${start}\n\n${note}`, html: `<p>${inlineToHtml([start])}</p><p>${note}</p>` };
}

/** A message of one sentence or more, without markup; `words in backticks` are commands to type. */
export function renderText(text: string): Rendered {
  return render(paragraph(...inline(withoutLongWords(text))));
}

/** Text with `commands in backticks`. */
export function inline(text: string): Inline[] {
  const parts = text.split('`');
  // An odd number of backticks: they are not markup.
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, index) => (index % 2 === 1 ? command(part) : part)).filter((part) => part !== '');
}

function withoutLongWords(text: string): string {
  return text.replace(/\S+/gu, (word) =>
    word.length > LONGEST_WORD ? `${beginningOf(word, LONGEST_WORD / 2)}…` : word,
  );
}

function blockToPlain(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return inlineToPlain(block.content);
    case 'list':
      return block.items.map((item) => `• ${inlineToPlain(item)}`).join('\n');
    case 'table':
      // Columns don't line up in a proportional font, so each row becomes a line.
      return block.rows.map((row) => row.map((cell) => inlineToPlain([cell])).join(' · ')).join('\n');
  }
}

function blockToHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${inlineToHtml(block.content)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${inlineToHtml(item)}</li>`).join('')}</ul>`;
    case 'table': {
      const head = block.head.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('');
      const rows = block.rows.map(
        (row) => `<tr>${row.map((cell) => `<td>${inlineToHtml([cell])}</td>`).join('')}</tr>`,
      );
      return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
    }
  }
}

function inlineToPlain(content: readonly Inline[]): string {
  return content
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('command' in part) return `“${part.command}”`;
      return 'code' in part ? part.code : part.bold;
    })
    .join('');
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
