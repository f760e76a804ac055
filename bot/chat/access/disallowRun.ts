// The `disallow` that gives every person of the homeserver access again: asks for it to be confirmed, and does it.
import * as z from 'zod/mini';
import { Problem } from '../../../common/problems/problem.ts';
import type { AccessControl } from '../../access/accessControl.ts';
import { disallowOutcomeSchema } from '../../access/allowList.ts';
import type { Confirmation } from '../../store/confirmationTable.ts';
import type { Store } from '../../store/store.ts';
import type { Words } from '../../words/words.ts';
import type { RestrictedContext } from '../command.ts';
import type { ConfirmationEnd } from '../confirmation/confirmations.ts';
import type { Rendered } from '../reply/document.ts';
import { renderDisallowOutcome, renderKept, renderOpenQuestion } from './accessReply.ts';

export interface DisallowOptions {
  readonly store: Pick<Store, 'confirmations' | 'transaction'>;
  readonly access: AccessControl;
  readonly words: Words;
}

const requestSchema = z.object({ patterns: z.array(z.string()) });

export async function askToOpen(context: RestrictedContext, patterns: readonly string[]): Promise<void> {
  const { confirmations, access, words } = context;
  await confirmations.ask(context, 'disallow', { patterns }, (how) =>
    renderOpenQuestion(words, patterns, access.policy.serverName, how),
  );
}

/** The list may have changed since the question: what is done is decided by the list as it is now. */
export async function concludeDisallow(
  confirmation: Confirmation,
  end: ConfirmationEnd,
  { store, access, words }: DisallowOptions,
): Promise<Rendered> {
  const { promptEventId, requester, decision } = confirmation;
  const { patterns } = requestSchema.parse(confirmation.request);
  if (end !== 'confirmed') return renderKept(words, end, patterns, requester);
  try {
    const outcome =
      decision === undefined
        ? store.transaction(() => {
            const by = access.require({ userId: requester, via: 'chat' });
            const decided = access.disallow(by, patterns, promptEventId, true);
            store.confirmations.setDecision(promptEventId, decided);
            return decided;
          })
        : disallowOutcomeSchema.parse(decision);
    return renderDisallowOutcome(words, outcome, access.policy);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return renderKept(words, error, patterns, requester);
  }
}
