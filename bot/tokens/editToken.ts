// An edit stores the limits that the token had when it was planned. Repeated after a crash or a lost answer, it
// never overwrites a later change by somebody else.
import * as z from 'zod/mini';
import { problem } from '../../common/problems/problem.ts';
import { readInput } from '../../common/readInput.ts';
import {
  expiryProblem,
  type RegistrationToken,
  type TokenFacts,
  tokenValueSchema,
  type UpdateToken,
  updateTokenSchema,
} from '../../common/token.ts';
import { EditConflict } from './editConflict.ts';
import { retryTransient, type TokenRequest } from './request.ts';
import { findToken, record, type Tokens, withState } from './tokens.ts';

/** The values that an edit depends on. */
type Limits = Pick<RegistrationToken, 'uses_allowed' | 'expiry_time'>;

export interface Edit {
  readonly token: string;
  /** As `updateTokenSchema`. */
  readonly change: unknown;
  /** Whether to apply the edit, given the token's current limits. Default: always. */
  readonly accept?: ((current: Limits) => boolean) | undefined;
}

/** Stored before the homeserver is asked to change anything. */
const editPlanSchema = z.object({
  change: updateTokenSchema,
  /** The token's limits when the edit was planned. */
  seen: z.object({ uses_allowed: z.nullable(z.number()), expiry_time: z.nullable(z.number()) }),
});
type EditPlan = z.infer<typeof editPlanSchema>;

/**
 * Returns the edited token.
 * @throws Problem `token_not_found`, `invalid_input`; EditConflict if `accept` returns false, or if the limits have
 * changed since the edit was planned
 */
export async function editToken(
  tokens: Tokens,
  request: TokenRequest,
  { token, change, accept }: Edit,
): Promise<RegistrationToken> {
  const name = readInput(tokenValueSchema, token);
  const wanted = readInput(updateTokenSchema, change);
  if (wanted.uses_allowed === undefined && wanted.expiry_time === undefined) {
    throw problem('nothing_to_change');
  }
  let plan: EditPlan | undefined;
  const attempt = async (): Promise<TokenFacts> => {
    let isFirst = false;
    plan ??= await request.step('edit', editPlanSchema, async () => {
      isFirst = true;
      return { change: wanted, seen: await limitsToEdit(tokens, name, wanted, accept) };
    });
    const done = isFirst ? undefined : await earlierEdit(tokens, name, plan);
    if (done !== undefined) return done;
    const facts = await tokens.backend.update(name, plan.change);
    if (facts === null) throw new EditConflict(null);
    return facts;
  };
  const facts = await retryTransient(() => tokens.edits.run(name, attempt), request.retries);
  record(tokens, request, 'edit', name, plan?.change);
  const edited = withState(facts, tokens.clock());
  tokens.changes.emit({ kind: 'token', token: edited });
  return edited;
}

async function limitsToEdit(
  tokens: Tokens,
  name: string,
  wanted: UpdateToken,
  accept: Edit['accept'],
): Promise<Limits> {
  requireFuture(wanted, tokens);
  const current = await findToken(tokens, name);
  if (accept !== undefined && (current === null || !accept(current))) throw new EditConflict(current);
  if (current === null) throw problem('token_not_found', { token: name });
  return { uses_allowed: current.uses_allowed, expiry_time: current.expiry_time };
}

/** The token if an earlier attempt has edited it (its answer was lost); undefined: not edited yet. */
async function earlierEdit(
  tokens: Tokens,
  name: string,
  { change, seen }: EditPlan,
): Promise<TokenFacts | undefined> {
  const current = await findToken(tokens, name);
  if (current === null) throw new EditConflict(null);
  if (isDone(change, current)) return current;
  if (!hasLimits(current, seen)) throw new EditConflict(current);
  requireFuture(change, tokens);
  return undefined;
}

function requireFuture({ expiry_time }: UpdateToken, { clock }: Tokens): void {
  const past = expiryProblem(expiry_time, clock());
  if (past !== undefined) throw problem(past);
}

function isDone({ uses_allowed, expiry_time }: UpdateToken, current: Limits): boolean {
  return (
    (uses_allowed === undefined || uses_allowed === current.uses_allowed) &&
    (expiry_time === undefined || expiry_time === current.expiry_time)
  );
}

function hasLimits(one: Limits, other: Limits): boolean {
  return one.uses_allowed === other.uses_allowed && one.expiry_time === other.expiry_time;
}
