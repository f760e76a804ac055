import type { Router } from 'express';
import { wrongMethod } from '../errors.ts';

export function openApiRoute(router: Router): void {
  router
    .route('/openapi.json')
    .get(async (_request, response) => {
      // Made for the few who ask for it.
      const { openApi } = await import('../openApi.ts');
      response.json(openApi());
    })
    .all(() => {
      throw wrongMethod(['GET']);
    });
}
