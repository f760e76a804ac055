// The HTTP side of the bot: the widget's files, its API, and health.

import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, Express, RequestHandler, Router } from 'express';
import { API_ROOT } from '../../common/api.ts';
import { Problem, problem } from '../../common/problems/problem.ts';
import { type Health, healthAnswer } from '../observability/health.ts';
import type { Log } from '../observability/log.ts';
import { withRequestId } from '../observability/log.ts';
import { facts, SIGN_IN, type WebContext } from './context.ts';
import { httpAnswer, problemOf } from './httpErrors.ts';
import { negotiateLanguage } from './language.ts';
import { accessRoutes } from './routes/accessRoutes.ts';
import { sessionRoutes } from './routes/sessionRoutes.ts';
import { statusRoutes } from './routes/statusRoutes.ts';
import { tokenRoutes } from './routes/tokenRoutes.ts';
import { rateLimits, securityHeaders } from './security.ts';
import type { Sessions } from './sessions.ts';
import type { UntrustedProxy } from './untrustedProxy.ts';
import { serveWidget } from './widgetFiles.ts';

/** 1,000 tokens of 64 characters, the most that can be deleted at once, are 67 KB. */
const BODY_LIMIT = '80kb';

export interface AppOptions {
  readonly frameAncestors: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly untrustedProxy: UntrustedProxy;
  readonly widgetFolder?: string | undefined;
}

export async function createApp(
  context: Omit<WebContext, 'signedIn' | 'countSignIn'>,
  options: AppOptions,
): Promise<Express> {
  const { express, sessions, access, log } = context;
  const app = express();
  app.disable('x-powered-by');
  app.enable('strict routing');
  // Only tokens have an ETag, set by their route. Express would compute others, which no-store makes useless.
  app.disable('etag');
  // Express reads X-Forwarded-For from right to left, up to the first address that is not one of these.
  app.set('trust proxy', [...options.trustedProxies]);

  app.use(identified(log), await securityHeaders(options.frameAncestors));
  app.use(noticeProxies(app, options.untrustedProxy));
  const limits = await rateLimits();
  serveHealth(app, context.health);
  serveWidget(app, express, options.widgetFolder);

  const api = express.Router({ strict: true, caseSensitive: true });
  api.use(noStore, negotiateLanguage, knownSession(sessions), limits.requests);
  api.post(SIGN_IN, limits.signIns);
  api.use(express.json({ limit: BODY_LIMIT, inflate: false }));
  const full: WebContext = {
    ...context,
    countSignIn: limits.signedIn,
    signedIn: signedIn(sessions, access),
  };
  serveOpenApi(api);
  for (const routes of [sessionRoutes, tokenRoutes, accessRoutes, statusRoutes]) routes(api, full);
  app.use(API_ROOT, api);

  app.use(() => {
    throw problem('nothing_here');
  });
  app.use(answerError(log));
  return app;
}

function noticeProxies(app: Express, untrustedProxy: UntrustedProxy): RequestHandler {
  // Made by Express of the setting `trust proxy`; it decides `request.ip` with it as well.
  const isTrusted = app.get('trust proxy fn') as (address: string, hops: number) => boolean;
  return (request, response, next) => {
    const { remoteAddress = '' } = request.socket;
    if (request.get('x-forwarded-for') !== undefined && !isTrusted(remoteAddress, 0)) {
      facts(response).proxyIsUntrusted = true;
      untrustedProxy.notice(remoteAddress);
    }
    next();
  };
}

function serveHealth(app: Express, health: Health): void {
  app.get(['/health', '/health/live', '/health/ready'], (request, response, next) => {
    const answer = healthAnswer(request.path, health);
    if (answer === undefined) return next();
    // For `check`, which asks the public address. It names no address: anybody can ask.
    const proxy = facts(response).proxyIsUntrusted ? { proxy: 'untrusted' } : {};
    response
      .status(answer.status)
      .set('cache-control', 'no-store')
      .json({ ...answer.body, ...proxy });
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
      // What the answer keeps from strangers.
      log.warn(about, (failure.cause instanceof Problem ? failure.cause : failure).message);
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    response.status(answer.status).set(answer.headers).set('cache-control', 'no-store').json(answer.body);
  };
}
