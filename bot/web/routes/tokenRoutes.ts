import type { Response, Router } from 'express';
import { deleteTokensSchema, limitsTag, tokensQuerySchema } from '../../../common/api.ts';
import type { CreatedTokens, DeletedTokens } from '../../../common/apiResponses.ts';
import { Problem } from '../../../common/problem.ts';
import {
  createTokensSchema,
  type RegistrationToken,
  tokenValueSchema,
  updateTokenSchema,
} from '../../../common/token.ts';
import { backoff, wait } from '../../lib/clock.ts';
import { RequestFailed } from '../../matrix/errors.ts';
import type { EditOptions, EditPlan, Limits } from '../../tokens/edits.ts';
import { tokenNotFound } from '../../tokens/problems.ts';
import { actorOf, pathPart, refOf, type WebContext } from '../context.ts';
import { apiErrorOf, wrongMethod } from '../httpErrors.ts';
import { read, readBody } from '../input.ts';
import { pageOf } from '../tokenPages.ts';

/** Following pages of a list may be this old: each would ask the homeserver for all its tokens again (ms). */
const PAGE_MAX_AGE_MS = 5_000;
/** So many deletions are under way at once. */
const DELETIONS_AT_ONCE = 4;
const TRIES = 3;
/** A homeserver that takes this long to fail is not asked again before the client is answered (ms). */
const MOST_PATIENCE_MS = 20_000;

export function tokenRoutes(router: Router, context: WebContext): void {
  const { service, live, signedIn } = context;
  const { signal } = context.identity;

  router
    .route('/tokens')
    .all(signedIn)
    .get(async (request, response) => {
      const query = read(tokensQuerySchema, request.query);
      const maxAgeMs = query.cursor === undefined ? 0 : PAGE_MAX_AGE_MS;
      const tokens = await withRetries(signal, () => live.list(maxAgeMs));
      response.json(pageOf(tokens, query));
    })
    .post(async (request, response) => {
      const input = readBody(createTokensSchema, request);
      const actor = actorOf(response);
      const plan = await withRetries(signal, () => service.planCreation(actor, input));
      // The plan is known: what an earlier try made is found.
      const { created, failed } = await withRetries(signal, (lastTry) =>
        service.create(actor, plan, refOf(response), { lastTry }),
      );
      const body: CreatedTokens = { created: [...created] };
      if (failed !== undefined) body.failed = apiErrorOf(failed);
      response.status(201).json(body);
    })
    .all(() => {
      throw wrongMethod(['GET', 'POST']);
    });

  // Not to be taken for the token `delete`: that one is never posted to.
  router.route('/tokens/delete').post(signedIn, async (request, response) => {
    const { tokens } = readBody(deleteTokensSchema, request);
    const body: DeletedTokens = { results: await deleteAll(context, tokens, response) };
    response.json(body);
  });

  router
    .route('/tokens/:token')
    .all(signedIn)
    .get(async (request, response) => {
      const token = read(tokenValueSchema, pathPart(request, 'token'));
      const [found] = await withRetries(signal, () => service.get(actorOf(response), [token]));
      if (found === null || found === undefined) throw tokenNotFound(token);
      sendToken(response, found);
    })
    .patch(async (request, response) => {
      const token = read(tokenValueSchema, pathPart(request, 'token'));
      const change = readBody(updateTokenSchema, request);
      const options = editOptions(request.get('if-match'));
      const edited = await withRetries(signal, () =>
        service.edit(actorOf(response), token, change, refOf(response), options),
      );
      sendToken(response, edited);
    })
    .delete(async (request, response) => {
      const token = read(tokenValueSchema, pathPart(request, 'token'));
      if (!(await deleteToken(context, token, response))) throw tokenNotFound(token);
      response.json({});
    })
    .all((request) => {
      const post = pathPart(request, 'token') === 'delete' ? ['POST'] : [];
      throw wrongMethod(['GET', 'PATCH', 'DELETE', ...post]);
    });
}

function sendToken(response: Response, token: RegistrationToken): void {
  response.set('etag', limitsTag(token)).json(token);
}

/** The tags of an `If-Match` header; those a proxy has marked as weak as well. */
function tagsOf(header: string): string[] {
  return header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

/** One plan for all tries of a request. @param decidedOn the `If-Match` header */
function editOptions(decidedOn: string | undefined): EditOptions {
  let planned: EditPlan | undefined;
  return {
    plan: async (choose) => {
      planned ??= await choose();
      return planned;
    },
    accept:
      decidedOn === undefined || decidedOn === '*'
        ? undefined
        : (current: Limits) => tagsOf(decidedOn).includes(limitsTag(current)),
  };
}

/** false: there was no such token. */
async function deleteToken(
  { service, identity: { signal } }: WebContext,
  token: string,
  response: Response,
  tries: number = TRIES,
): Promise<boolean> {
  let wasThere = false;
  const work = async () => {
    try {
      return await service.delete(actorOf(response), token, refOf(response), { wasThere });
    } catch (error) {
      wasThere ||= mayHaveDeleted(error);
      throw error;
    }
  };
  return await withRetries(signal, work, tries);
}

/** Whether a deletion that failed may have been carried out: if the token is gone at the next try, it was. */
function mayHaveDeleted(error: unknown): boolean {
  return error instanceof RequestFailed && error.code !== 'rate_limited' && error.status !== 404;
}

/** Tries again what fails transiently. `lastTry`: this failure will be told to the client. */
async function withRetries<T>(
  signal: AbortSignal,
  work: (lastTry: boolean) => Promise<T>,
  tries: number = TRIES,
): Promise<T> {
  const started = performance.now();
  for (let attempt = 0; ; attempt++) {
    const lastTry = attempt + 1 >= tries || performance.now() - started > MOST_PATIENCE_MS;
    try {
      return await work(lastTry);
    } catch (error) {
      if (lastTry || !(error instanceof Problem) || !error.transient) throw error;
      await wait(backoff(attempt, 400, 2_000), signal);
    }
  }
}

async function deleteAll(
  context: WebContext,
  tokens: readonly string[],
  response: Response,
): Promise<DeletedTokens['results']> {
  const outcomes = new Map<string, DeletedTokens['results'][number]>();
  const waiting = new Set(tokens).values();
  // Once a token has failed in all its tries, the homeserver is down: the rest must not wait as long each.
  let tries = TRIES;
  const work = async () => {
    for (const token of waiting) {
      try {
        const deleted = await deleteToken(context, token, response, tries);
        outcomes.set(token, { token, outcome: deleted ? 'deleted' : 'not_found' });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (error.transient) tries = 1;
        outcomes.set(token, { token, outcome: 'failed', error: apiErrorOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: DELETIONS_AT_ONCE }, work));
  return [...outcomes.values()];
}
