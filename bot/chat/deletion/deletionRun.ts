// Asks for a deletion to be confirmed, and runs it, also one that a crash interrupted.
import { Problem } from '../../../common/problems/problem.ts';
import type { RegistrationToken } from '../../../common/token.ts';
import type { AccessControl } from '../../access/accessControl.ts';
import type { Confirmation, ConfirmationTable } from '../../store/confirmationTable.ts';
import { deleteTokens } from '../../tokens/deleteTokens.ts';
import { listTokens } from '../../tokens/listTokens.ts';
import { type RetryPolicy, type TokenRequest, unrecorded } from '../../tokens/request.ts';
import { showTokens } from '../../tokens/showTokens.ts';
import type { Tokens } from '../../tokens/tokens.ts';
import type { Words } from '../../words/words.ts';
import type { RestrictedContext } from '../command.ts';
import type { ConfirmationEnd } from '../confirmation/confirmations.ts';
import type { Rendered } from '../reply/document.ts';
import type { RoomMessages } from '../reply/roomMessages.ts';
import {
  asSeen,
  type DeletionDecision,
  type DeletionRequest,
  type DeletionScope,
  decideDeletion,
  deletionDecisionSchema,
  deletionRequestSchema,
  type SeenToken,
} from './deletion.ts';
import {
  renderAccessLost,
  renderCancelled,
  renderDeleted,
  renderDeleting,
  renderExpired,
  renderPrompt,
} from './deletionReply.ts';

export interface DeletionOptions {
  readonly table: ConfirmationTable;
  readonly access: AccessControl;
  readonly tokens: Tokens;
  readonly retries: RetryPolicy;
  readonly messages: RoomMessages;
  readonly words: Words;
}

/** For more than this, the question shows that the deletion is in progress. */
const MANY = 100;
const NOTHING: DeletionDecision = { delete: [], changed: [], kept: [], gone: [] };

/** @param unknown tokens asked for that do not exist */
export async function askToDelete(
  context: RestrictedContext,
  scope: DeletionScope,
  tokens: readonly SeenToken[],
  unknown: readonly string[],
): Promise<void> {
  const request: DeletionRequest = { scope, tokens: tokens.map(asSeen) };
  await context.confirmations.ask(context, 'deletion', request, (how) =>
    renderPrompt(context.words, scope, tokens, unknown, how),
  );
}

export async function concludeDeletion(
  confirmation: Confirmation,
  end: ConfirmationEnd,
  options: DeletionOptions,
): Promise<Rendered> {
  const { words } = options;
  const { requester } = confirmation;
  const request = deletionRequestSchema.parse(confirmation.request);
  const { tokens } = request;
  if (end === 'expired') return renderExpired(words, tokens);
  if (end === 'cancelled') return renderCancelled(words, requester, tokens);
  if (end === 'access_lost') return renderAccessLost(words, requester, tokens);
  return await runDeletion(confirmation, request, options);
}

/** Returns the outcome, failures included. The decision is stored before the first token is deleted. */
export async function runDeletion(
  confirmation: Confirmation,
  asked: DeletionRequest,
  options: DeletionOptions,
): Promise<Rendered> {
  const { access, tokens, retries, messages, words } = options;
  const { promptEventId, roomId, requester } = confirmation;
  let decision = NOTHING;
  try {
    if (confirmation.decision !== undefined) decision = deletionDecisionSchema.parse(confirmation.decision);
    // Access may be lost between decision and restart: the outcome then says that nothing was deleted.
    const by = access.require({ userId: requester, via: 'chat' });
    const request: TokenRequest = { by, ref: promptEventId, retries, step: unrecorded };
    if (confirmation.decision === undefined) {
      decision = decideDeletion(asked, await readTokens(tokens, request, asked), words.deletion.change);
      options.table.setDecision(promptEventId, decision);
    }
    if (decision.delete.length > MANY) {
      const underWay = renderDeleting(words, decision.delete.length, requester);
      await messages.edit(roomId, promptEventId, underWay, 'under-way', confirmation.createdAt);
    }
    // They existed when the decision was stored, so 404 means that an interrupted run deleted them.
    const results = await deleteTokens(tokens, request, decision.delete, {
      existedBefore: true,
      stopAtFailure: true,
    });
    const deleted = results.filter(({ outcome }) => outcome === 'deleted').map(({ token }) => token);
    const failure = results.find((result) => result.outcome === 'failed');
    return renderDeleted(words, decision, deleted, failure?.problem, requester);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return renderDeleted(words, decision, [], error, requester);
  }
}

/** A few tokens are read one by one; for many, one list is cheaper. */
async function readTokens(
  tokens: Tokens,
  request: TokenRequest,
  asked: DeletionRequest,
): Promise<RegistrationToken[]> {
  if (asked.tokens.length > 10) return await listTokens(tokens, request);
  const names = asked.tokens.map(({ token }) => token);
  const found = await showTokens(tokens, request, names);
  return found.filter((token) => token !== null);
}
