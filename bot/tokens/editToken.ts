// An edit is decided on the limits that the token had: done again, after a crash or a lost answer, it never overwrites
// what somebody else has set since.
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

/** What an edit is decided on. */
type Limits = Pick<RegistrationToken, 'uses_allowed' | 'expiry_time'>;

export interface Edit {
  readonly token: string;
  /** As `updateTokenSchema`. */
  readonly change: unknown;
  /** Whether the edit still makes sense for the token as it stands. Default: always. */
  readonly accept?: ((current: Limits) => boolean) | undefined;
}

/** An edit as it stands before the homeserver is asked to change anything. */
const editPlanSchema = z.object({
  change: updateTokenSchema,
  /** What the token had when the edit was planned. */
  seen: z.object({ uses_allowed: z.nullable(z.number()), expiry_time: z.nullable(z.number()) }),
});
type EditPlan = z.infer<typeof editPlanSchema>;

/**
 * The token afterwards.
 * @throws Problem `token_not_found`, `invalid_input`; EditConflict if `accept` says no, or if the token has other
 * limits by now than those that the edit was planned for
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

/** The token, if an earlier try has edited it and its answer was lost; undefined: it can be edited now. */
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
