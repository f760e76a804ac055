import type { Response, Router } from 'express';
import {
  type CreatedTokens,
  type DeletedTokens,
  deleteTokensSchema,
  limitsTag,
  tokensQuerySchema,
} from '../../../common/api.ts';
import { parseInput } from '../../../common/problems/parse.ts';
import { Problem, problem } from '../../../common/problems/problem.ts';
import {
  createTokensSchema,
  type RegistrationToken,
  tokenValueSchema,
  updateTokenSchema,
} from '../../../common/token.ts';
import type { Actor } from '../../access/actor.ts';
import { backoff, wait } from '../../lib/clock.ts';
import type { CreationOutcome, CreationPlan, Limits } from '../../tokens/service.ts';
import { actorOf, facts, pathPart, refOf, type WebContext } from '../context.ts';
import { apiErrorOf } from '../errors.ts';
import { readBody } from '../input.ts';
import { pageOf } from '../tokenPages.ts';

/** Following pages of a list may be this old: each would ask the homeserver for all its tokens again (ms). */
const PAGE_MAX_AGE_MS = 5_000;
/** So many deletions are under way at once. */
const DELETIONS_AT_ONCE = 4;
const CREATION_TRIES = 3;

export function tokenRoutes(router: Router, context: WebContext): void {
  const { service, live, signedIn } = context;

  router
    .route('/tokens')
    .all(signedIn)
    .get(async (request, response) => {
      const query = parseInput(tokensQuerySchema, request.query);
      const tokens = await live.list(query.cursor === undefined ? 0 : PAGE_MAX_AGE_MS);
      response.json(pageOf(tokens, query));
    })
    .post(async (request, response) => {
      const input = readBody(createTokensSchema, request);
      const actor = actorOf(response);
      const plan = await service.planCreation(actor, input);
      const { created, failed } = await createPatiently(context, actor, plan, refOf(response));
      const body: CreatedTokens = { created: [...created] };
      if (failed !== undefined) body.failed = apiErrorOf(failed, facts(response).translate);
      response.status(201).json(body);
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'GET, POST' });
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
      const token = parseInput(tokenValueSchema, pathPart(request, 'token'));
      const [found] = await service.get(actorOf(response), [token]);
      if (found === null || found === undefined) throw problem('token_not_found', { token: token });
      sendToken(response, found);
    })
    .patch(async (request, response) => {
      const token = parseInput(tokenValueSchema, pathPart(request, 'token'));
      const change = readBody(updateTokenSchema, request);
      const decidedOn = request.get('if-match');
      const accept =
        decidedOn === undefined || decidedOn === '*'
          ? undefined
          : (current: Limits) => tagsOf(decidedOn).includes(limitsTag(current));
      sendToken(response, await service.edit(actorOf(response), token, change, refOf(response), accept));
    })
    .delete(async (request, response) => {
      const token = parseInput(tokenValueSchema, pathPart(request, 'token'));
      if (!(await service.delete(actorOf(response), token, refOf(response))))
        throw problem('token_not_found', { token: token });
      response.json({});
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'GET, PATCH, DELETE' });
    });
}

function sendToken(response: Response, token: RegistrationToken): void {
  response.set('etag', limitsTag(token)).json(token);
}

/** The tags of an `If-Match` header; those a proxy has marked as weak as well. */
function tagsOf(header: string): string[] {
  return header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

/** The plan is known, so that what may pass can be tried again: what an earlier try made is found. */
async function createPatiently(
  { service, identity: { signal } }: WebContext,
  actor: Actor,
  plan: CreationPlan,
  ref: string,
): Promise<CreationOutcome> {
  for (let attempt = 0; ; attempt++) {
    const lastTry = attempt + 1 >= CREATION_TRIES;
    try {
      return await service.create(actor, plan, ref, { lastTry });
    } catch (error) {
      if (lastTry || !(error instanceof Problem) || !error.transient) throw error;
      await wait(backoff(attempt, 400, 2_000), signal);
    }
  }
}

async function deleteAll(
  { service }: WebContext,
  tokens: readonly string[],
  response: Response,
): Promise<DeletedTokens['results']> {
  const [actor, ref] = [actorOf(response), refOf(response)];
  const outcomes = new Map<string, DeletedTokens['results'][number]>();
  const waiting = new Set(tokens).values();
  const work = async () => {
    for (const token of waiting) {
      try {
        const deleted = await service.delete(actor, token, ref);
        outcomes.set(token, { token, outcome: deleted ? 'deleted' : 'not_found' });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        outcomes.set(token, {
          token,
          outcome: 'failed',
          error: apiErrorOf(error, facts(response).translate),
        });
      }
    }
  };
  await Promise.all(Array.from({ length: DELETIONS_AT_ONCE }, work));
  return [...outcomes.values()];
}
