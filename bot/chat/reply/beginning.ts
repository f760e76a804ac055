/** The first `most` UTF-16 units of a text at most, up to where a person sees a character end. */
export function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  // A longer beginning than is wanted: what comes next says whether a character ends there.
  const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    text.slice(0, most + 2),
  );
  const end = characters.containing(most)?.index ?? 0;
  if (end > 0) return text.slice(0, end);
  // One character with more accents than fit: at least its code points stay whole.
  const isSplit = (text.codePointAt(most - 1) ?? 0) > 0xffff;
  return text.slice(0, isSplit ? most - 1 : most);
}
