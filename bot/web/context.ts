// What the routes work with.
import type { Request, RequestHandler, Response } from 'express';
import type { Actor } from '../access/actor.ts';
import type { Clock } from '../lib/clock.ts';
import type { Health } from '../observability/health.ts';
import type { Log } from '../observability/log.ts';
import type { StatusReport } from '../status/finding.ts';
import type { RegistrationService } from '../tokens/service.ts';
import type { Live } from './events/live.ts';
import type { IdentityOptions } from './identify.ts';
import type { Sessions, WebSession } from './sessions.ts';

export interface WebContext {
  readonly service: RegistrationService;
  readonly sessions: Sessions;
  readonly live: Live;
  readonly identity: IdentityOptions;
  readonly status: () => Promise<StatusReport>;
  readonly health: Health;
  readonly clock: Clock;
  readonly log: Log;
  readonly express: typeof import('express');
  /** Lets those pass who have a session and access. */
  readonly signedIn: RequestHandler;
}

/** What is known of a request beside what it says. */
export interface RequestFacts {
  requestId: string;
  /** Behind `signedIn`, and where a request named a session that lives. */
  session?: WebSession;
}

export function facts(response: Response): RequestFacts {
  return response.locals as RequestFacts;
}

/** Only behind `signedIn`. */
export function sessionOf(response: Response): WebSession {
  const { session } = facts(response);
  if (session === undefined) throw new Error('This route is not behind signedIn.');
  return session;
}

export function actorOf(response: Response): Actor {
  return { userId: sessionOf(response).userId, via: 'widget' };
}

/** Names the request in the audit: what a person asks for twice is done and recorded twice. */
export function refOf(response: Response): string {
  return `web.${facts(response).requestId}`;
}

/** A named part of the path. */
export function pathPart(request: Request, name: string): string {
  const part = request.params[name];
  return typeof part === 'string' ? part : '';
}
