import { distance } from 'fastest-levenshtein';

/** The candidate with the fewest edits to `name`, if there are at most `most` of them. */
export function nearest(name: string, candidates: readonly string[], most: number): string | undefined {
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of candidates) {
    const edits = distance(name, candidate);
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}
