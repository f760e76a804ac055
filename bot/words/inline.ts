// Text with marks, of which the chat makes plain text and HTML.

/** `code`: a token, a name or an address, to be copied as it is; `command`: something to type. */
export type Inline =
  | string
  | { readonly code: string }
  | { readonly command: string }
  | { readonly bold: string };

export const code = (text: string): Inline => ({ code: text });
export const command = (text: string): Inline => ({ command: text });
export const bold = (text: string): Inline => ({ bold: text });

/** A sentence with marks in it: say`Send ${command('list')}.` */
export function say(
  texts: TemplateStringsArray,
  ...values: readonly (Inline | number | readonly Inline[])[]
): Inline[] {
  const parts = texts.flatMap((text, index): Inline[] => {
    const value = values[index];
    if (value === undefined) return [text];
    return [text, ...(Array.isArray(value) ? value : [typeof value === 'number' ? String(value) : value])];
  });
  return parts.filter((part) => part !== '');
}

/** `a, b and c`, with the language's word for “and”. */
export function enumerate(items: readonly Inline[], and: string): Inline[] {
  return items.flatMap((item, index) => {
    if (index === 0) return [item];
    return [index === items.length - 1 ? ` ${and} ` : ', ', item];
  });
}

/** Text with `commands in backticks`; addresses in it become code, so that clients don't make links of them. */
export function inline(text: string): Inline[] {
  const parts = text.split('`');
  // An odd number of backticks: they are not markup.
  if (parts.length % 2 === 0) return withCode(text);
  return parts.flatMap((part, index) => (index % 2 === 1 ? [command(part)] : withCode(part)));
}

/** The same text, with its addresses as code. */
function withCode(text: string): Inline[] {
  return text
    .split(/(https?:\/\/[^\s“”„]*[^\s“”„.,;:)])/)
    .map((part, index) => (index % 2 === 1 ? code(part) : part))
    .filter((part) => part !== '');
}

/** Without marks, for places that show none. */
export function plainText(content: readonly Inline[]): string {
  return content
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('command' in part) return `“${part.command}”`;
      return 'code' in part ? part.code : part.bold;
    })
    .join('');
}
