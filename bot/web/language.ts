// What a problem is in the language that a request asks for. The widget asks for the person's, so that it need not carry
// the catalogue itself. English goes out with every problem anyway.
import type { RequestHandler } from 'express';
import type { Problem } from '../../common/problems/problem.ts';
import { facts } from './context.ts';

/** Cause and remedy; undefined: in no other language than English. */
export type Translate = (problem: Problem) => string | undefined;

/** The German catalogue is loaded with the first request that wants it. */
export const negotiateLanguage: RequestHandler = async (request, response, next) => {
  if (request.acceptsLanguages('en', 'de') === 'de') {
    const { inGerman } = await import('../../common/problems/de/german.ts');
    facts(response).translate = inGerman;
  }
  next();
};
