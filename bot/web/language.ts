// Translates problems by `Accept-Language`, so that the widget need not contain the German catalogue. Every answer has
// the English text as well.
import type { RequestHandler } from 'express';
import type { Problem } from '../../common/problems/problem.ts';
import { facts } from './context.ts';

/** Cause and remedy; undefined: there is only the English text. */
export type Translate = (problem: Problem) => string | undefined;

/** Loads the German catalogue with the first request that prefers German. */
export const negotiateLanguage: RequestHandler = async (request, response, next) => {
  if (request.acceptsLanguages('en', 'de') === 'de') {
    const { inGerman } = await import('../../common/problems/de/german.ts');
    facts(response).translate = inGerman;
  }
  next();
};
