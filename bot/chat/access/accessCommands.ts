import * as z from 'zod/mini';
import { problem } from '../../../common/problems/problem.ts';
import { allowOutcomeSchema, disallowOutcomeSchema } from '../../access/allowList.ts';
import type { Command } from '../command.ts';
import { renderAllowed, renderAllowOutcome, renderDisallowOutcome } from './accessReply.ts';
import { askToOpen } from './disallowRun.ts';

/** `asks`: not done yet, because every person of the homeserver would have access. */
const disallowStepSchema = z.union([disallowOutcomeSchema, z.object({ asks: z.array(z.string()) })]);

export const allow: Command = {
  name: 'allow',
  restricted: true,
  async run(args, { eventId, request, access, commitStep, words }) {
    requireSome(args, 'allow');
    const outcome = commitStep('allow', allowOutcomeSchema, () => access.allow(request.by, args, eventId));
    return renderAllowOutcome(words, outcome, access.policy);
  },
};

export const disallow: Command = {
  name: 'disallow',
  restricted: true,
  async run(args, context) {
    const { eventId, request, access, commitStep, words } = context;
    requireSome(args, 'disallow');
    const outcome = commitStep('disallow', disallowStepSchema, () =>
      access.wouldOpen(request.by, args)
        ? { asks: [...new Set(args)] }
        : access.disallow(request.by, args, eventId, false),
    );
    if ('asks' in outcome) {
      await askToOpen(context, outcome.asks);
      return undefined;
    }
    return renderDisallowOutcome(words, outcome, access.policy);
  },
};

export const allowed: Command = {
  name: 'allowed',
  restricted: true,
  async run(_args, { access, words }) {
    return renderAllowed(words, access.policy);
  },
};

function requireSome(args: readonly string[], name: string): void {
  if (args.length === 0) throw problem('nobody_named', { command: name });
}
