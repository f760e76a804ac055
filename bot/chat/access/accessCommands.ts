import { problem } from '../../../common/problems/problem.ts';
import { allowOutcomeSchema, disallowOutcomeSchema } from '../../access/allowList.ts';
import type { Command } from '../command.ts';
import { renderAllowed, renderAllowOutcome, renderDisallowOutcome } from './accessReply.ts';

export const allow: Command = {
  name: 'allow',
  usage: 'PATTERN…',
  summary: 'lets people manage tokens',
  examples: [
    { line: 'allow @alice:example.org', does: 'one person' },
    {
      line: 'allow @.*:example.org',
      does: 'everybody on a server (a regular expression that matches the whole user ID)',
    },
  ],
  restricted: true,
  async run(args, { eventId, request, access, commitStep }) {
    requireSome(args, 'allow');
    const outcome = commitStep('allow', allowOutcomeSchema, () => access.allow(request.by, args, eventId));
    return renderAllowOutcome(outcome, access.policy);
  },
};

export const disallow: Command = {
  name: 'disallow',
  usage: 'PATTERN…',
  summary: 'takes that back',
  examples: [{ line: 'disallow @alice:example.org', does: 'exactly as it was allowed' }],
  restricted: true,
  async run(args, { eventId, request, access, commitStep }) {
    requireSome(args, 'disallow');
    const outcome = commitStep('disallow', disallowOutcomeSchema, () =>
      access.disallow(request.by, args, eventId),
    );
    return renderDisallowOutcome(outcome, access.policy);
  },
};

export const allowed: Command = {
  name: 'allowed',
  usage: '',
  summary: 'shows who may manage tokens, and why',
  examples: [],
  restricted: true,
  async run(_args, { access }) {
    return renderAllowed(access.policy);
  },
};

function requireSome(args: readonly string[], name: string): void {
  if (args.length === 0) throw problem('nobody_named', { command: name });
}
