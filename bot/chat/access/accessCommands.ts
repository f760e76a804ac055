import { problem } from '../../../common/problems/problem.ts';
import { allowOutcomeSchema, disallowOutcomeSchema } from '../../access/allowList.ts';
import type { Command } from '../command.ts';
import { renderAllowed, renderAllowOutcome, renderDisallowOutcome } from './accessReply.ts';

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
  async run(args, { eventId, request, access, commitStep, words }) {
    requireSome(args, 'disallow');
    const outcome = commitStep('disallow', disallowOutcomeSchema, () =>
      access.disallow(request.by, args, eventId),
    );
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
