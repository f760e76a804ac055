// What the routes work with.

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
  /** Lets those pass who have a session and access. */
  readonly signedIn: RequestHandler;
}

/** What is known of a request beside what it says. */
export interface RequestFacts {
  requestId: string;
  /** Into the language that the request asks for. */
  translate?: Translate;
  /** Behind `signedIn`, and where a request named a session that lives. */
  session?: WebSession;
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

/** Names the request in the audit: what a person asks for twice is done and recorded twice. */
export function refOf(response: Response): string {
  return `web.${facts(response).requestId}`;
}

/** A person waits for the answer: what does not work after a few tries is told. */
export function tokenRequestOf(response: Response, { identity: { signal } }: WebContext): TokenRequest {
  const retries = { quickTries: 3, mostDelayMs: 2_000, signal };
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
