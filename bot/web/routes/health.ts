import type { Router } from 'express';
import { healthAnswer } from '../../observability/health.ts';
import type { WebContext } from '../context.ts';

export function healthRoutes(router: Router, { health }: WebContext): void {
  router.get(['/health', '/health/live', '/health/ready'], (request, response, next) => {
    const answer = healthAnswer(request.path, health);
    if (answer === undefined) next();
    else response.status(answer.status).set('cache-control', 'no-store').json(answer.body);
  });
}
