import type { Request, Response, Router } from 'express';
import { sessionRequestSchema } from '../../../common/api.ts';
import type { SessionResponse } from '../../../common/apiResponses.ts';
import { problem } from '../../../common/problems/problem.ts';
import { readInput } from '../../../common/readInput.ts';
import { bodyOf, SIGN_IN, type WebContext } from '../context.ts';
import { identify } from '../identify.ts';
import { SESSION_IDLE_MS } from '../sessions.ts';

export function sessionRoutes(router: Router, context: WebContext): void {
  router
    .route(SIGN_IN)
    .post(async (request: Request, response: Response) => {
      const { openid_token } = readInput(sessionRequestSchema, bodyOf(request));
      const userId = await identify(openid_token, context.identity);
      context.access.require({ userId, via: 'widget' });
      context.countSignIn(userId);
      const body: SessionResponse = {
        session_token: context.sessions.start(userId),
        user_id: userId,
        expires_in_ms: SESSION_IDLE_MS,
      };
      context.log.info({ userId }, 'Signed in to the widget');
      response.json(body);
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'POST' });
    });
}
