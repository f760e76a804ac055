// Validates input with the schemas shared with the widget; all its errors become one problem.
import type * as z from 'zod/mini';
import { CATALOGUE, type ProblemCode } from './problems/catalogue.ts';
import type { Params } from './problems/entry.ts';
import { Problem, problem } from './problems/problem.ts';

const MAX_REPORTED = 5;

/** @throws Problem `invalid_input` with everything that is wrong */
export function readInput<T extends z.ZodMiniType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const all = result.error.issues.map(problemOf);
  const reported = all
    .filter(({ message }, index) => all.findIndex((other) => other.message === message) === index)
    .slice(0, MAX_REPORTED);
  if (reported.length === 1 && reported[0] !== undefined) throw reported[0];
  throw problem('several_problems', {
    english: reported.map(({ message }) => message).join(' '),
    problems: reported.map(({ code, params }) => ({ problem: code, params })),
  });
}

function problemOf({ message, path, ...issue }: z.core.$ZodIssue): Problem {
  if (issue.code === 'unrecognized_keys') return problem('fields_unknown', { fields: issue.keys.join(', ') });
  // Checks of input that people type have a problem code as message; other errors concern API clients only.
  if (isCode(message)) return new Problem(message, {} satisfies Params);
  return path.length === 0 ? problem('request_wrong') : problem('field_wrong', { field: path.join('.') });
}

function isCode(message: string): message is ProblemCode {
  return Object.hasOwn(CATALOGUE, message);
}
