// The HTTP side of the bot: the widget's files, its API, and health.

import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, Express, RequestHandler, Router } from 'express';
import { API_ROOT } from '../../common/api.ts';
import { problem } from '../../common/problems/problem.ts';
import { type Health, healthAnswer } from '../observability/health.ts';
import type { Log } from '../observability/log.ts';
import { withRequestId } from '../observability/log.ts';
import { facts, type WebContext } from './context.ts';
import { httpAnswer, problemOf } from './httpErrors.ts';
import { negotiateLanguage } from './language.ts';
import { accessRoutes } from './routes/accessRoutes.ts';
import { sessionRoutes } from './routes/sessionRoutes.ts';
import { statusRoutes } from './routes/statusRoutes.ts';
import { tokenRoutes } from './routes/tokenRoutes.ts';
import { rateLimits, securityHeaders } from './security.ts';
import type { Sessions } from './sessions.ts';
import { serveWidget } from './widgetFiles.ts';

/** 1,000 tokens of 64 characters, the most that can be deleted at once, are 67 KB. */
const BODY_LIMIT = '80kb';

export async function createApp(
  context: Omit<WebContext, 'signedIn'>,
  options: { frameAncestors: readonly string[]; widgetFolder?: string | undefined },
): Promise<Express> {
  const { express, sessions, access, log } = context;
  const app = express();
  app.disable('x-powered-by');
  app.enable('strict routing');
  // Only tokens have an ETag, set by their route. Express would compute others, which no-store makes useless.
  app.disable('etag');
  // X-Forwarded-For is trusted only from a reverse proxy on this machine.
  app.set('trust proxy', 'loopback');

  app.use(identified(log), await securityHeaders(options.frameAncestors));
  const limits = await rateLimits();
  serveHealth(app, context.health);
  serveWidget(app, express, options.widgetFolder);

  const api = express.Router({ strict: true, caseSensitive: true });
  api.use(noStore, negotiateLanguage, knownSession(sessions), limits.all);
  api.post('/session', limits.signIns);
  api.use(express.json({ limit: BODY_LIMIT, inflate: false }));
  const full: WebContext = { ...context, signedIn: signedIn(sessions, access) };
  serveOpenApi(api);
  for (const routes of [sessionRoutes, tokenRoutes, accessRoutes, statusRoutes]) routes(api, full);
  app.use(API_ROOT, api);

  app.use(() => {
    throw problem('nothing_here');
  });
  app.use(answerError(log));
  return app;
}

function serveHealth(app: Express, health: Health): void {
  app.get(['/health', '/health/live', '/health/ready'], (request, response, next) => {
    const answer = healthAnswer(request.path, health);
    if (answer === undefined) next();
    else response.status(answer.status).set('cache-control', 'no-store').json(answer.body);
  });
}

function serveOpenApi(router: Router): void {
  router
    .route('/openapi.json')
    .get(async (_request, response) => {
      // Loaded on demand: rarely requested.
      const { openApi } = await import('./openApi.ts');
      response.json(openApi());
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'GET' });
    });
}

/** Gives every request an ID, and logs its route instead of its path: paths contain tokens. */
function identified(log: Log): RequestHandler {
  return (request, response, next) => {
    const requestId = randomUUID();
    const began = performance.now();
    response.locals = { requestId };
    response.set('x-request-id', requestId);
    if (log.isLevelEnabled('debug')) {
      response.on('finish', () => {
        const { path } = (request.route ?? {}) as { path?: unknown };
        log.debug(
          {
            requestId,
            method: request.method,
            route: path,
            status: response.statusCode,
            ms: Math.round(performance.now() - began),
            userId: facts(response).session?.userId,
          },
          'Request',
        );
      });
    }
    withRequestId(requestId, next);
  };
}

const noStore: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

/** Finds the session of the bearer token, if any; routes that need one are behind `signedIn`. */
function knownSession(sessions: Sessions): RequestHandler {
  return (request, response, next) => {
    const token = bearer(request.get('authorization'));
    const session = token === undefined ? undefined : sessions.use(token);
    if (session !== undefined) facts(response).session = session;
    next();
  };
}

/** Checks session and access. Ends the session of a person who has lost access. */
function signedIn(sessions: Sessions, access: WebContext['access']): RequestHandler {
  return (request, response, next) => {
    const { session } = facts(response);
    if (session === undefined) {
      throw request.get('authorization') === undefined
        ? problem('session_missing')
        : problem('session_ended');
    }
    try {
      facts(response).manager = access.require({ userId: session.userId, via: 'widget' });
    } catch (error) {
      sessions.end(session.id);
      throw error;
    }
    next();
  };
}

function bearer(header: string | undefined): string | undefined {
  return /^bearer +([\w-]{1,128})$/i.exec(header ?? '')?.[1];
}

function answerError(log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    const { requestId, translate } = facts(response);
    const failure = problemOf(error, requestId);
    const answer = httpAnswer(failure, translate);
    const { path: route } = (request.route ?? {}) as { path?: unknown };
    const about = { requestId, method: request.method, route, status: answer.status };
    if (answer.status === 500) {
      log.error({ ...about, err: failure.cause }, 'A request failed through a fault of the bot.');
    } else if (answer.status > 500) {
      log.warn(about, failure.message);
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    response.status(answer.status).set(answer.headers).set('cache-control', 'no-store').json(answer.body);
  };
}
