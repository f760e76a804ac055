import type { Request, Response, Router } from 'express';
import { deleteTokensSchema, limitsTag } from '../../../common/api.ts';
import type { CreatedTokens, DeletedTokens } from '../../../common/apiResponses.ts';
import { problem } from '../../../common/problems/problem.ts';
import { readInput } from '../../../common/readInput.ts';
import { type RegistrationToken, tokenValueSchema } from '../../../common/token.ts';
import { createTokens } from '../../tokens/createTokens.ts';
import { type DeletionResult, deleteTokens } from '../../tokens/deleteTokens.ts';
import { type Edit, editToken } from '../../tokens/editToken.ts';
import { listPage } from '../../tokens/listTokens.ts';
import { showTokens } from '../../tokens/showTokens.ts';
import { bodyOf, facts, pathPart, tokenRequestOf, type WebContext } from '../context.ts';
import { apiErrorOf } from '../httpErrors.ts';
import type { Translate } from '../language.ts';

export function tokenRoutes(router: Router, context: WebContext): void {
  const { tokens, watch, signedIn } = context;

  router
    .route('/tokens')
    .all(signedIn)
    .get(async (request, response) => {
      response.json(await listPage(watch, tokenRequestOf(response, context), request.query));
    })
    .post(async (request, response) => {
      const { created, failed } = await createTokens(
        tokens,
        tokenRequestOf(response, context),
        bodyOf(request),
      );
      if (failed !== undefined && created.length === 0) throw failed;
      const body: CreatedTokens = { created: [...created] };
      if (failed !== undefined) body.failed = apiErrorOf(failed, facts(response).translate);
      response.status(201).json(body);
    })
    .all(() => {
      throw problem('wrong_method', { allowed: 'GET, POST' });
    });

  // No conflict with a token `delete`: `/tokens/:token` has no POST.
  router.route('/tokens/delete').post(signedIn, async (request, response) => {
    const { tokens: names } = readInput(deleteTokensSchema, bodyOf(request));
    const results = await deleteTokens(tokens, tokenRequestOf(response, context), names);
    const body: DeletedTokens = {
      results: results.map((result) => deletionAnswer(result, facts(response).translate)),
    };
    response.json(body);
  });

  router
    .route('/tokens/:token')
    .all(signedIn)
    .get(async (request, response) => {
      const [found] = await showTokens(tokens, tokenRequestOf(response, context), [
        pathPart(request, 'token'),
      ]);
      if (found === null || found === undefined)
        throw problem('token_not_found', { token: tokenIn(request) });
      sendToken(response, found);
    })
    .patch(async (request, response) => {
      const edit: Edit = {
        token: pathPart(request, 'token'),
        change: bodyOf(request),
        accept: acceptedBy(request.get('if-match')),
      };
      sendToken(response, await editToken(tokens, tokenRequestOf(response, context), edit));
    })
    .delete(async (request, response) => {
      const token = tokenIn(request);
      const [result] = await deleteTokens(tokens, tokenRequestOf(response, context), [token]);
      if (result?.outcome === 'failed') throw result.problem;
      if (result?.outcome === 'not_found') throw problem('token_not_found', { token });
      response.json({});
    })
    .all((request) => {
      const post = pathPart(request, 'token') === 'delete' ? ', POST' : '';
      throw problem('wrong_method', { allowed: `GET, PATCH, DELETE${post}` });
    });
}

/** @throws Problem `invalid_input` */
function tokenIn(request: Request): string {
  return readInput(tokenValueSchema, pathPart(request, 'token'));
}

function sendToken(response: Response, token: RegistrationToken): void {
  response.set('etag', limitsTag(token)).json(token);
}

/** @param decidedOn the `If-Match` header */
function acceptedBy(decidedOn: string | undefined): Edit['accept'] {
  if (decidedOn === undefined || decidedOn === '*') return undefined;
  return (current) => tagsOf(decidedOn).includes(limitsTag(current));
}

/** The tags of an `If-Match` header, also those that a proxy has marked as weak. */
function tagsOf(header: string): string[] {
  return header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

function deletionAnswer(result: DeletionResult, translate?: Translate): DeletedTokens['results'][number] {
  const { token, outcome } = result;
  return outcome === 'failed'
    ? { token, outcome, error: apiErrorOf(result.problem, translate) }
    : { token, outcome };
}
