import type { Router } from 'express';
import type { Status } from '../../../common/apiResponses.ts';
import { problem } from '../../../common/problems/problem.ts';
import { type Finding, findingSentence } from '../../status/finding.ts';
import { facts, sessionOf, type WebContext } from '../context.ts';
import { EVENT_STREAM_HEADERS } from '../events/eventStreams.ts';
import type { Translate } from '../language.ts';

export function statusRoutes(router: Router, { status, streams, signedIn }: WebContext): void {
  router
    .route('/status')
    .all(signedIn)
    .get(async (_request, response) => {
      const { translate } = facts(response);
      const body: Status = { findings: (await status()).map((found) => findingOf(found, translate)) };
      response.json(body);
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'GET' });
    });

  router
    .route('/events')
    .all(signedIn)
    // Otherwise Express runs the GET handler for HEAD, and the stream never ends.
    .head((_request, response) => {
      response.set(EVENT_STREAM_HEADERS).end();
    })
    .get((request, response) => {
      streams.open(sessionOf(response), response, request.get('last-event-id'));
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'GET' });
    });
}

function findingOf(finding: Finding, translate?: Translate): Status['findings'][number] {
  const { problem: found, ...rest } = finding;
  const inEnglish = { ...rest, text: findingSentence(finding) };
  if (found === undefined) return inEnglish;
  const translation = translate?.(found);
  const own = { problem: found.code, params: found.params };
  return { ...inEnglish, ...own, ...(translation === undefined ? {} : { translation }) };
}
