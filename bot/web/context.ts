// The context of the routes, and helpers to read requests.

import type { Request, RequestHandler, Response } from 'express';
import { problem } from '../../common/problems/problem.ts';
import type { AccessControl } from '../access/accessControl.ts';
import type { Manager } from '../access/actor.ts';
import type { Clock } from '../lib/clock.ts';
import type { Health } from '../observability/health.ts';
import type { Log } from '../observability/log.ts';
import type { StatusReport } from '../status/finding.ts';
import { type TokenRequest, unrecorded } from '../tokens/request.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { TokenWatch } from '../tokens/watch/tokenWatch.ts';
import type { EventStreams } from './events/eventStreams.ts';
import type { IdentityOptions } from './identify.ts';
import type { Translate } from './language.ts';
import type { Sessions, WebSession } from './sessions.ts';

/** Below `API_ROOT`. */
export const SIGN_IN = '/session';

export interface WebContext {
  readonly access: AccessControl;
  readonly tokens: Tokens;
  readonly watch: TokenWatch;
  readonly sessions: Sessions;
  readonly streams: EventStreams;
  readonly identity: IdentityOptions;
  readonly status: () => Promise<StatusReport>;
  readonly health: Health;
  readonly clock: Clock;
  readonly log: Log;
  readonly express: typeof import('express');
  /** Counts sign-ins that have succeeded. @throws Problem `too_many_requests` */
  readonly countSignIn: (userId: string) => void;
  /** Passes requests with a session whose person has access. */
  readonly signedIn: RequestHandler;
}

/** Stored in `response.locals`. */
export interface RequestFacts {
  requestId: string;
  /** Into the language of `Accept-Language`. */
  translate?: Translate;
  /** Set if the bearer token names a session that has not ended; always behind `signedIn`. */
  session?: WebSession;
  /** Came with `X-Forwarded-For`, from an address that is not in `web.trusted_proxies`. */
  proxyIsUntrusted?: boolean;
  /** Behind `signedIn`. */
  manager?: Manager;
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

/** Only behind `signedIn`. */
export function managerOf(response: Response): Manager {
  const { manager } = facts(response);
  if (manager === undefined) throw new Error('This route is not behind signedIn.');
  return manager;
}

/** The `ref` of audit entries. Differs for each request: a repeated request is done and recorded again. */
export function refOf(response: Response): string {
  return `web.${facts(response).requestId}`;
}

/** Few, quick retries: a person waits for the answer. */
export function tokenRequestOf(response: Response, { identity: { signal } }: WebContext): TokenRequest {
  const retries = { quickTries: 3, maxDelayMs: 2_000, signal };
  return { by: managerOf(response), ref: refOf(response), retries, step: unrecorded };
}

/** @throws Problem `not_json` if there is none */
export function bodyOf(request: Request): unknown {
  if (request.body === undefined) throw problem('not_json');
  return request.body;
}

/** A named part of the path. */
export function pathPart(request: Request, name: string): string {
  const part = request.params[name];
  return typeof part === 'string' ? part : '';
}
