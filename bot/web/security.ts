// Security headers and rate limits.

import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';
import { type Problem, problem } from '../../common/problems/problem.ts';
import { facts, SIGN_IN, sessionOf } from './context.ts';
import { RequestCounts, WINDOW_MS } from './requestCounts.ts';

/** For a person with a session. Scrolling through 10,000 tokens makes 200 requests. */
const PER_USER = 600;
/** Without a session. */
const PER_ADDRESS = 120;
/** Each makes a request to the homeserver. */
const FAILED_SIGN_INS_PER_ADDRESS = 60;
const SIGN_INS_PER_USER = 60;
/** The smallest network that one customer gets; whoever has one has all of its addresses. */
const IPV6_NETWORK_BITS = 64;

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
  /** Requests with a session count by user, others by address, sign-ins not at all. */
  readonly requests: RequestHandler;
  /** Sign-ins count by address, until they have succeeded. */
  readonly signIns: RequestHandler;
  /** Counts a sign-in that has succeeded. @throws Problem `too_many_requests` */
  signedIn(userId: string): void;
}

export async function rateLimits(): Promise<RateLimits> {
  const { rateLimit, ipKeyGenerator } = await import('express-rate-limit');
  const common = {
    windowMs: WINDOW_MS,
    // Not draft 8, which adds a hash of the key: addresses can be guessed from their hash.
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    // The checks would log an error for an X-Forwarded-For that `trust proxy` ignores.
    validate: false,
    handler: (request: Request) => {
      const { rateLimit } = request as { rateLimit?: { resetTime?: Date } };
      throw tooMany(rateLimit?.resetTime);
    },
  } as const;
  const address = (request: Request) => ipKeyGenerator(addressOf(request), IPV6_NETWORK_BITS);
  const byUser = rateLimit({
    ...common,
    store: new RequestCounts(),
    limit: PER_USER,
    keyGenerator: (_request, response) => sessionOf(response).userId,
  });
  const byAddress = rateLimit({
    ...common,
    store: new RequestCounts(),
    limit: PER_ADDRESS,
    keyGenerator: address,
    skip: (request) => request.method === 'POST' && request.path === SIGN_IN,
  });
  const users = new RequestCounts();
  return {
    requests: (request, response, next) =>
      (facts(response).session === undefined ? byAddress : byUser)(request, response, next),
    signIns: rateLimit({
      ...common,
      store: new RequestCounts(),
      limit: FAILED_SIGN_INS_PER_ADDRESS,
      keyGenerator: address,
      skipSuccessfulRequests: true,
    }),
    signedIn(userId) {
      const { totalHits, resetTime } = users.increment(userId);
      if (totalHits > SIGN_INS_PER_USER) throw tooMany(resetTime);
    },
  };
}

/** The person's own, as far as the proxies are trusted; what a proxy has passed on unread may be anything. */
function addressOf({ ip = '', socket }: Request): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
}

function tooMany(resetTime: Date | undefined): Problem {
  const ms = (resetTime?.getTime() ?? 0) - Date.now();
  return problem('too_many_requests', { retryAfterMs: Math.min(Math.max(ms, 1_000), WINDOW_MS) });
}
