import type { Router } from 'express';
import { allowSchema, disallowSchema } from '../../../common/api.ts';
import type { AllowedAccess } from '../../../common/apiResponses.ts';
import { accessOf } from '../accessView.ts';
import { actorOf, pathPart, refOf, type WebContext } from '../context.ts';
import { wrongMethod } from '../httpErrors.ts';
import { readBody } from '../input.ts';

export function accessRoutes(router: Router, { service, signedIn }: WebContext): void {
  router
    .route('/access')
    .all(signedIn)
    .get((_request, response) => {
      response.json(accessOf(service.policy));
    })
    .post((request, response) => {
      const { patterns } = readBody(allowSchema, request);
      const outcome = service.allow(actorOf(response), patterns, refOf(response));
      const body: AllowedAccess = {
        access: accessOf(service.policy),
        added: [...outcome.added],
        already: [...outcome.already],
        also_added: outcome.alsoAdded ?? null,
      };
      response.json(body);
    })
    .all(() => {
      throw wrongMethod(['GET', 'POST']);
    });

  // A pattern may hold a `/`, which many reverse proxies decode or refuse in a path. Not to be taken for the pattern
  // `delete`: that one is never posted to.
  router.route('/access/delete').post(signedIn, (request, response) => {
    const { patterns } = readBody(disallowSchema, request);
    service.disallow(actorOf(response), patterns, refOf(response));
    response.json(accessOf(service.policy));
  });

  router
    .route('/access/:pattern')
    .all(signedIn)
    .delete((request, response) => {
      service.disallow(actorOf(response), [pathPart(request, 'pattern')], refOf(response));
      response.json(accessOf(service.policy));
    })
    .all((request) => {
      const post = pathPart(request, 'pattern') === 'delete' ? ['POST'] : [];
      throw wrongMethod(['DELETE', ...post]);
    });
}
