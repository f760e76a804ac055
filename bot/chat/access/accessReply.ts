import type { AllowOutcome, DisallowOutcome } from '../../access/allowList.ts';
import type { AccessPolicy, AllowedPattern } from '../../access/policy.ts';
import { accessSentence, narrowingHint } from '../../access/summary.ts';
import {
  type Block,
  code,
  command,
  enumerate,
  type Inline,
  inline,
  list,
  paragraph,
  type Rendered,
  render,
} from '../reply/document.ts';
import { absoluteTime } from '../reply/time.ts';

/** Who may manage tokens, and how to restrict that if every user may. */
export function accessLine(policy: AccessPolicy): Inline[] {
  const hint = narrowingHint(policy);
  return hint === undefined ? [accessSentence(policy)] : [accessSentence(policy), ' ', ...inline(hint)];
}

/** For a person without access: who may manage tokens, and whom to ask. Names no people. */
export function whomToAsk(policy: AccessPolicy, userId: string): Inline[] {
  const everyUserMay = policy.byDefault && policy.accessDefault === 'homeserver';
  const who = everyUserMay ? 'one of them' : `the administrators of ${policy.serverName}`;
  const sentences = `${accessSentence(policy)} If you need a token, ask ${who}.`;
  if (policy.byDefault) return [sentences];
  return [
    `${sentences} To manage tokens yourself, ask somebody who may to send me `,
    command(`allow ${userId}`),
    '.',
  ];
}

export function renderAllowOutcome(outcome: AllowOutcome, policy: AccessPolicy): Rendered {
  const blocks: Block[] = [];
  if (outcome.added.length > 0) blocks.push(paragraph('Allowed: ', ...names(outcome.added), '.'));
  if (outcome.already.length > 0) blocks.push(paragraph('Allowed before: ', ...names(outcome.already), '.'));
  if (outcome.alsoAdded !== undefined) {
    blocks.push(
      paragraph('You are allowed as well (', code(outcome.alsoAdded), '), so that you keep your access.'),
    );
  }
  if (outcome.added.length > 0)
    blocks.push(
      paragraph(`Now ${policy.patterns.length} in all, nobody else: `, command('allowed'), ' shows them.'),
    );
  return render(...blocks);
}

export function renderDisallowOutcome(outcome: DisallowOutcome, policy: AccessPolicy): Rendered {
  const blocks: Block[] = [paragraph('Not allowed any more: ', ...names(outcome.removed), '.')];
  if (outcome.backToDefault) blocks.push(paragraph(accessSentence(policy)), ...narrowing(policy));
  return render(...blocks);
}

export function renderAllowed(policy: AccessPolicy): Rendered {
  if (policy.byDefault) return render(paragraph(accessSentence(policy)), ...narrowing(policy));
  return render(
    paragraph('These may manage registration tokens:'),
    list(policy.patterns.map((pattern) => line(pattern))),
  );
}

function line({ text, source, addedBy, addedAt }: AllowedPattern): Inline[] {
  if (source === 'config' || addedBy === undefined || addedAt === undefined)
    return [code(text), ' (configuration)'];
  return [code(text), ` (allowed by ${addedBy}, ${absoluteTime(addedAt)})`];
}

function narrowing(policy: AccessPolicy): Block[] {
  const hint = narrowingHint(policy);
  return hint === undefined ? [] : [paragraph(...inline(hint))];
}

function names(patterns: readonly string[]): Inline[] {
  return enumerate(patterns.map(code));
}
