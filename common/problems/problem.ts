// What can go wrong, as a value that chat, widget, command line and log can all show: one sentence that names the
// cause and one that says what to do.
import { CATALOGUE, type ParamsOf, type ProblemCode } from './catalogue.ts';
import { type Entry, type Params, wordsOf } from './entry.ts';
import { KINDS, type KindFacts, type ProblemKind } from './kinds.ts';

type NoParams = [params?: undefined, options?: ErrorOptions];
/** What follows the code: the parameters of its entry, if it has any. */
type Details<C extends ProblemCode> =
  unknown extends ParamsOf<C> ? NoParams : [params: ParamsOf<C>, options?: ErrorOptions];

/** `throw problem('token_exists', { token })` */
export function problem<C extends ProblemCode>(code: C, ...[params, options]: Details<C>): Problem {
  return new Problem(code, (params ?? {}) as Params, options);
}

/** Made by `problem`, which knows the parameters of each code. */
export class Problem extends Error {
  /** Its own, of the catalogue. */
  readonly code: ProblemCode;
  /** What it has in common with others. */
  readonly kind: ProblemKind;
  readonly params: Params;
  /** What to do next; a full sentence. */
  readonly remedy: string;

  constructor(code: ProblemCode, params: Params, options?: ErrorOptions) {
    const entry: Entry = CATALOGUE[code];
    super(wordsOf(entry.cause, params), options);
    this.name = 'Problem';
    this.code = code;
    this.kind = entry.kind;
    this.params = params;
    this.remedy = wordsOf(entry.remedy, params);
  }

  /** Passes by itself: worth another try. */
  get transient(): boolean {
    const entry: Entry = CATALOGUE[this.code];
    const kind: KindFacts = KINDS[this.kind];
    return entry.transient ?? kind.transient ?? false;
  }

  /** Status and Matrix error code of an answer that tells it. */
  get http(): { readonly status: number; readonly errcode: string } {
    const entry: Entry = CATALOGUE[this.code];
    const { status, errcode } = { ...KINDS[this.kind], ...entry };
    return { status, errcode };
  }

  /** Cause and remedy, to show to a person. */
  get sentence(): string {
    return this.remedy === '' ? this.message : `${this.message} ${this.remedy}`;
  }
}
