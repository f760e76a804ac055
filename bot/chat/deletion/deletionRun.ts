// Carries out a confirmed deletion, also one that a crash interrupted.
import { Problem } from '../../../common/problem.ts';
import type { RegistrationToken } from '../../../common/token.ts';
import type { Actor } from '../../access/actor.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import type { Confirmation, ConfirmationTable } from '../../store/confirmationTable.ts';
import type { RegistrationService } from '../../tokens/service.ts';
import { carryOut } from '../inbox/carryOut.ts';
import type { Rendered } from '../reply/document.ts';
import type { Speech } from '../reply/replies.ts';
import { type DeletionDecision, type DeletionRequest, decideDeletion } from './deletion.ts';
import { renderDeleted, renderDeleting } from './deletionReply.ts';

export interface DeletionOptions {
  readonly table: ConfirmationTable;
  readonly service: RegistrationService;
  readonly speech: Speech;
  readonly homeserver: MatrixSession;
  readonly signal: AbortSignal;
}

/** Deleting more than this takes long enough to say that it is under way. */
const MANY = 100;

/** Returns what came of it, failures included. What is about to be deleted is written down before the first one is. */
export async function runDeletion(confirmation: Confirmation, options: DeletionOptions): Promise<Rendered> {
  const { table, service, speech, homeserver, signal } = options;
  const { promptEventId, roomId, requester } = confirmation;
  const request = confirmation.request as DeletionRequest;
  const actor: Actor = { userId: requester, via: 'chat' };
  let decision = confirmation.decision as DeletionDecision | undefined;
  const deleted: string[] = [];
  let failed: Problem | undefined;
  const work = async () => {
    if (decision === undefined) {
      decision = decideDeletion(request, await readTokens(service, actor, request));
      table.setDecision(promptEventId, decision);
    }
    if (decision.delete.length > MANY) {
      const underWay = renderDeleting(decision.delete.length, requester);
      await speech.edit(roomId, promptEventId, underWay, 'under-way');
    }
    for (const token of decision.delete.slice(deleted.length)) {
      // It was there when the decision was written down: if it is gone now, an earlier try deleted it.
      await service.delete(actor, token, promptEventId, { wasThere: true });
      deleted.push(token);
    }
  };
  try {
    await carryOut(work, homeserver, signal);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    failed = error;
  }
  const decided = decision ?? { delete: [], changed: [], kept: [], gone: [] };
  return renderDeleted(decided, deleted, failed, requester);
}

/** A few tokens are read one by one; for many, one list is cheaper. */
async function readTokens(
  service: RegistrationService,
  actor: Actor,
  { tokens }: DeletionRequest,
): Promise<RegistrationToken[]> {
  if (tokens.length > 10) return await service.list(actor);
  const names = tokens.map(({ token }) => token);
  const found = await service.get(actor, names);
  return found.filter((token) => token !== null);
}
