// An error that chat, widget, command line and log can show: one sentence with the cause, one with the remedy.
import { CATALOGUE, type ParamsOf, type ProblemCode } from './catalogue.ts';
import { type Entry, type Params, wordsOf } from './entry.ts';
import { KINDS, type KindFacts, type ProblemKind } from './kinds.ts';

type NoParams = [params?: undefined, options?: ErrorOptions];
/** The arguments after the code: the parameters of its entry, if it has any. */
type Details<C extends ProblemCode> =
  unknown extends ParamsOf<C> ? NoParams : [params: ParamsOf<C>, options?: ErrorOptions];

/** `throw problem('token_exists', { token })` */
export function problem<C extends ProblemCode>(code: C, ...[params, options]: Details<C>): Problem {
  return new Problem(code, (params ?? {}) as Params, options);
}

/** Create it with `problem`, which checks the parameters of each code. */
export class Problem extends Error {
  /** Its key in the catalogue. */
  readonly code: ProblemCode;
  /** Groups problems with the same HTTP answer and the same handling. */
  readonly kind: ProblemKind;
  readonly params: Params;
  /** What to do next: a full sentence, or ''. */
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

  /** Usually temporary: worth a retry. */
  get transient(): boolean {
    const entry: Entry = CATALOGUE[this.code];
    const kind: KindFacts = KINDS[this.kind];
    return entry.transient ?? kind.transient ?? false;
  }

  /** Status and Matrix error code of an API response. */
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
