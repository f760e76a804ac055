// Security headers and rate limits.

import type { Request, RequestHandler } from 'express';
import { problem } from '../../common/problems/problem.ts';
import { facts, type RequestFacts } from './context.ts';

const MINUTE_MS = 60_000;
/** Scrolling through 10,000 tokens makes 200 requests. */
const PER_SESSION = 600;
/** Without a session. Behind a reverse proxy on another machine all clients share one address. */
const PER_ADDRESS = 120;
/** Each makes a request to the homeserver. */
const SIGN_INS_PER_ADDRESS = 60;

export async function securityHeaders(frameAncestors: readonly string[]): Promise<RequestHandler> {
  const { default: helmet } = await import('helmet');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
        // `*` covers http and https origins only, not Element Desktop (`vector://`): without the directive any origin
        // may embed it.
        ...(frameAncestors.includes('*') ? {} : { 'frame-ancestors': [...frameAncestors] }),
      },
    },
    // X-Frame-Options can't list origins; `frame-ancestors` replaces it.
    xFrameOptions: false,
    referrerPolicy: { policy: 'no-referrer' },
    // Left to the reverse proxy, which knows whether the whole domain has TLS.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
  });
}

export interface RateLimits {
  readonly all: RequestHandler;
  readonly signIns: RequestHandler;
}

export async function rateLimits(): Promise<RateLimits> {
  const { rateLimit, ipKeyGenerator } = await import('express-rate-limit');
  const address = (request: Request) => ipKeyGenerator(request.ip ?? '');
  const common = {
    windowMs: MINUTE_MS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // The checks would log an error for an X-Forwarded-For that `trust proxy` ignores.
    validate: false,
    handler: (request: Request) => {
      const { rateLimit } = request as { rateLimit?: { resetTime?: Date } };
      const ms = (rateLimit?.resetTime?.getTime() ?? 0) - Date.now();
      throw problem('too_many_requests', { retryAfterMs: Math.min(Math.max(ms, 1_000), MINUTE_MS) });
    },
  } as const;
  const sessionOf = (locals: unknown) => (locals as RequestFacts).session;
  return {
    all: rateLimit({
      ...common,
      limit: (_request, response) => (sessionOf(response.locals) ? PER_SESSION : PER_ADDRESS),
      keyGenerator: (request, response) => facts(response).session?.id ?? address(request),
    }),
    signIns: rateLimit({ ...common, limit: SIGN_INS_PER_ADDRESS, keyGenerator: address }),
  };
}
