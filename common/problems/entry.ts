// The types of the catalogue's entries.
import type { KindFacts, ProblemKind } from './kinds.ts';

/** A text, or a function that makes it from the parameters. */
export type Words = string | ((params: never) => string);

export interface Translation {
  /** One full sentence that names what is wrong. */
  readonly cause: Words;
  /** What to do next: a full sentence, or ''. */
  readonly remedy: Words;
}

/** `status`, `errcode` and `transient` override those of the kind. */
export interface Entry extends Translation, Partial<Omit<KindFacts, 'means'>> {
  readonly kind: ProblemKind;
}

/** Sent in API responses: never put a secret here. */
export type ParamValue = string | number | boolean | readonly NestedProblem[];
export type Params = Readonly<Record<string, ParamValue>>;

/** A problem inside another one. */
export interface NestedProblem {
  readonly problem: string;
  readonly params: Params;
}

/** @param params of the problem that `words` belongs to */
export function wordsOf(words: Words, params: Params): string {
  return typeof words === 'string' ? words : words(params as never);
}
