// Headers and limits against misuse.

import type { Request, RequestHandler } from 'express';
import { problem } from '../../common/problems/problem.ts';
import { facts, type RequestFacts } from './context.ts';

const MINUTE_MS = 60_000;
/** Nobody clicks that fast; scrolling through 10,000 tokens makes 200 requests. */
const PER_SESSION = 600;
/** Without a session. A reverse proxy on another machine makes all addresses one. */
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
        // `*` stands for all http and https origins, which leaves out Element Desktop (`vector://`): only without the
        // directive everybody may embed it.
        ...(frameAncestors.includes('*') ? {} : { 'frame-ancestors': [...frameAncestors] }),
      },
    },
    // It knows no list of origins; `frame-ancestors` has taken its place.
    xFrameOptions: false,
    referrerPolicy: { policy: 'no-referrer' },
    // For the reverse proxy to decide, which knows whether all of the domain has TLS.
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
    // A forged X-Forwarded-For from elsewhere than the proxy on this machine is left alone, not worth an error.
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
