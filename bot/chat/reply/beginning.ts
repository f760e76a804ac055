/** At most the first `most` UTF-16 units of a text, cut between grapheme clusters. */
export function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  // Two units more than wanted: they show whether a cluster ends at `most`.
  const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    text.slice(0, most + 2),
  );
  const end = characters.containing(most)?.index ?? 0;
  if (end > 0) return text.slice(0, end);
  // A single cluster that is longer than `most`: cut between code points.
  const isSplit = (text.codePointAt(most - 1) ?? 0) > 0xffff;
  return text.slice(0, isSplit ? most - 1 : most);
}
