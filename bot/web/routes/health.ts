import type { Router } from 'express';
import type { WebContext } from '../context.ts';

/** Without news from the homeserver for this long the bot does not do its work (ms); a /sync takes half a minute. */
const STALE_MS = 120_000;

export function healthRoutes(router: Router, { lastSync, clock }: WebContext): void {
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/health/ready', (_request, response) => {
    const synced = lastSync();
    if (synced === undefined) {
      response
        .status(503)
        .json({ status: 'starting', reason: 'The bot has not heard from the homeserver yet.' });
    } else if (clock() - synced > STALE_MS) {
      const seconds = Math.round((clock() - synced) / 1000);
      const reason = `The bot has not heard from the homeserver for ${seconds} s.`;
      response.status(503).json({ status: 'stale', reason });
    } else {
      response.json({ status: 'ok' });
    }
  });
}
