import type { Router } from 'express';
import type { Status } from '../../../common/api.ts';
import { sessionOf, type WebContext } from '../context.ts';
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
    .get((request, response) => {
      live.open(sessionOf(response), response, request.get('last-event-id'));
    })
    .all(() => {
      throw wrongMethod(['GET']);
    });
}
