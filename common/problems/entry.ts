// What the catalogue knows of one thing that can go wrong.
import type { KindFacts, ProblemKind } from './kinds.ts';

/** A text, or how it is made of the parameters. */
export type Words = string | ((params: never) => string);

export interface Translation {
  /** One full sentence that names what is wrong. */
  readonly cause: Words;
  /** What to do next: a full sentence, or nothing. */
  readonly remedy: Words;
}

/** Status, errcode and transience are the kind's where an entry does not have its own. */
export interface Entry extends Translation, Partial<Omit<KindFacts, 'means'>> {
  readonly kind: ProblemKind;
}

/** Values go out in answers of the API: never a secret. */
export type ParamValue = string | number | boolean | readonly NestedProblem[];
export type Params = Readonly<Record<string, ParamValue>>;

/** A problem as a part of another one. */
export interface NestedProblem {
  readonly problem: string;
  readonly params: Params;
}

/** @param params of the very problem that the words belong to */
export function wordsOf(words: Words, params: Params): string {
  return typeof words === 'string' ? words : words(params as never);
}
