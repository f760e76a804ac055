import type { Router } from 'express';
import { allowSchema, disallowQuerySchema, disallowSchema } from '../../../common/api.ts';
import type { AllowedAccess } from '../../../common/apiResponses.ts';
import { problem } from '../../../common/problems/problem.ts';
import { readInput } from '../../../common/readInput.ts';
import { accessOf } from '../accessView.ts';
import { bodyOf, managerOf, pathPart, refOf, type WebContext } from '../context.ts';

export function accessRoutes(router: Router, { access, signedIn }: WebContext): void {
  router
    .route('/access')
    .all(signedIn)
    .get((_request, response) => {
      response.json(accessOf(access.policy));
    })
    .post((request, response) => {
      const { patterns } = readInput(allowSchema, bodyOf(request));
      const outcome = access.allow(managerOf(response), patterns, refOf(response));
      const body: AllowedAccess = {
        access: accessOf(access.policy),
        added: [...outcome.added],
        already: [...outcome.already],
        also_added: outcome.alsoAdded ?? null,
      };
      response.json(body);
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'GET, POST' });
    });

  // A pattern may contain a `/`, which many reverse proxies decode or refuse in a path. No conflict with a pattern
  // `delete`: `/access/:pattern` has no POST.
  router.route('/access/delete').post(signedIn, (request, response) => {
    const { patterns, confirm = false } = readInput(disallowSchema, bodyOf(request));
    access.disallow(managerOf(response), patterns, refOf(response), confirm);
    response.json(accessOf(access.policy));
  });

  router
    .route('/access/:pattern')
    .all(signedIn)
    .delete((request, response) => {
      const confirmed = readInput(disallowQuerySchema, request.query).confirm === 'true';
      access.disallow(managerOf(response), [pathPart(request, 'pattern')], refOf(response), confirmed);
      response.json(accessOf(access.policy));
    })
    .all((request) => {
      const post = pathPart(request, 'pattern') === 'delete' ? ', POST' : '';
      throw problem('wrong_method', { allowed: `DELETE${post}` });
    });
}
