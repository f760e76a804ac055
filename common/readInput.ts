// Input is read with the schemas that the widget has as well; what is wrong with it becomes one problem.
import type * as z from 'zod/mini';
import { CATALOGUE, type ProblemCode } from './problems/catalogue.ts';
import type { Params } from './problems/entry.ts';
import { Problem, problem } from './problems/problem.ts';

const MOST_TOLD = 5;

/** @throws Problem `invalid_input` that tells all that is wrong */
export function readInput<T extends z.ZodMiniType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const all = result.error.issues.map(problemOf);
  const told = all
    .filter(({ message }, index) => all.findIndex((other) => other.message === message) === index)
    .slice(0, MOST_TOLD);
  if (told.length === 1 && told[0] !== undefined) throw told[0];
  throw problem('several_problems', {
    english: told.map(({ message }) => message).join(' '),
    problems: told.map(({ code, params }) => ({ problem: code, params })),
  });
}

function problemOf({ message, path, ...issue }: z.core.$ZodIssue): Problem {
  if (issue.code === 'unrecognized_keys') return problem('fields_unknown', { fields: issue.keys.join(', ') });
  // Checks of what people type name their problem; the rest is for those who write programs.
  if (isCode(message)) return new Problem(message, {} satisfies Params);
  return path.length === 0 ? problem('request_wrong') : problem('field_wrong', { field: path.join('.') });
}

function isCode(message: string): message is ProblemCode {
  return Object.hasOwn(CATALOGUE, message);
}
