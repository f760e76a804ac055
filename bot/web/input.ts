// Bodies of requests are read with the schemas that the widget has as well.
import type { Request } from 'express';
import type * as z from 'zod/mini';
import { parseInput } from '../../common/problems/parse.ts';
import { problem } from '../../common/problems/problem.ts';

/** @throws Problem `invalid_input` */
export function readBody<T extends z.ZodMiniType>(schema: T, request: Request): z.output<T> {
  if (request.body === undefined) throw problem('not_json');
  return parseInput(schema, request.body);
}
