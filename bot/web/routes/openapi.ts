import type { Router } from 'express';
import { problem } from '../../../common/problems/problem.ts';

export function openApiRoute(router: Router): void {
  router
    .route('/openapi.json')
    .get(async (_request, response) => {
      // Made for the few who ask for it.
      const { openApi } = await import('../openApi.ts');
      response.json(openApi());
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'GET' });
    });
}
