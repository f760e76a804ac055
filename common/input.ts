// Input is read with the schemas that the widget has as well; what is wrong is said in words.
import type * as z from 'zod/mini';
import { invalidInput } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** @throws Problem `invalid_input` */
export function readInput<T extends z.ZodMiniType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalidInput([...new Set(result.error.issues.map(describe))].slice(0, 5).join(' '));
}

function describe(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return `Unknown: ${issue.keys.join(', ')}.`;
  // The schemas say what they want where people type it; the rest is for those who write programs.
  if (issue.message !== 'Invalid input') return issue.message;
  const name = issue.path.length === 0 ? 'The request' : issue.path.join('.');
  return `${name} is missing or not what it should be.`;
}
