import type { Router } from 'express';
import type { Status } from '../../../common/apiResponses.ts';
import { sessionOf, type WebContext } from '../context.ts';
import { EVENT_STREAM_HEADERS } from '../events/live.ts';
import { wrongMethod } from '../httpErrors.ts';

export function statusRoutes(router: Router, { status, live, signedIn }: WebContext): void {
  router
    .route('/status')
    .all(signedIn)
    .get(async (_request, response) => {
      const body: Status = { findings: [...(await status())] };
      response.json(body);
    })
    .all(() => {
      throw wrongMethod(['GET']);
    });

  router
    .route('/events')
    .all(signedIn)
    // Express would let GET answer it: with a stream that has no body, and no end.
    .head((_request, response) => {
      response.set(EVENT_STREAM_HEADERS).end();
    })
    .get((request, response) => {
      live.open(sessionOf(response), response, request.get('last-event-id'));
    })
    .all(() => {
      throw wrongMethod(['GET']);
    });
}
