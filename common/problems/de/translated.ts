import type { ParamsOf, ProblemCode } from '../catalogue.ts';

type Words<C extends ProblemCode> = string | ((params: ParamsOf<C>) => string);

/** Cause and remedy of each of the codes, made of the same parameters as in English. */
export type Translated<C extends ProblemCode> = {
  readonly [K in C]: { readonly cause: Words<K>; readonly remedy: Words<K> };
};
