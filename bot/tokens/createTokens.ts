import * as z from 'zod/mini';
import { Problem, problem } from '../../common/problems/problem.ts';
import { readInput } from '../../common/readInput.ts';
import {
  createTokensSchema,
  expiryProblem,
  type RegistrationToken,
  type TokenFacts,
} from '../../common/token.ts';
import type { NewToken } from './backends/backend.ts';
import { retryTransient, type TokenRequest } from './request.ts';
import { record, type Tokens, withState } from './tokens.ts';

export interface CreationOutcome {
  readonly created: readonly RegistrationToken[];
  /** Why the rest was not created. */
  readonly failed: Problem | undefined;
  /** All tokens of the request. If `failed` is transient, any of them may exist. */
  readonly planned: readonly string[];
}

/** The tokens to create, stored before the first request to the homeserver. */
const creationPlanSchema = z.object({
  tokens: z.array(
    z.object({
      token: z.string(),
      uses_allowed: z.nullable(z.number()),
      expiry_time: z.nullable(z.number()),
    }),
  ),
});
type CreationPlan = z.infer<typeof creationPlanSchema>;

/**
 * Creates tokens; values missing in the input get the configured defaults.
 * @param input as `createTokensSchema`
 * @param since start of the default expiry (epoch ms)
 * @throws Problem `invalid_input`, `token_exists`; a failure that is not transient, if nothing was created
 */
export async function createTokens(
  tokens: Tokens,
  request: TokenRequest,
  input: unknown,
  since: number = tokens.clock(),
): Promise<CreationOutcome> {
  const { step, retries } = request;
  const plan = await retryTransient(
    () => step('create', creationPlanSchema, () => choose(tokens, input, since)),
    retries,
  );
  const created: RegistrationToken[] = [];
  let failed: Problem | undefined;
  try {
    await retryTransient(async () => {
      for (const planned of plan.tokens.slice(created.length)) {
        created.push(await createPlanned(tokens, request, planned));
      }
    }, retries);
  } catch (error) {
    if (!(error instanceof Problem) || (created.length === 0 && !error.transient)) throw error;
    failed = error;
  }
  return { created, failed, planned: plan.tokens.map(({ token }) => token) };
}

async function choose(
  { defaults, clock, backend, generate }: Tokens,
  input: unknown,
  since: number,
): Promise<CreationPlan> {
  const wanted = readInput(createTokensSchema, input);
  const count = wanted.count ?? 1;
  if (wanted.token !== undefined && count > 1) {
    throw problem('one_token_one_name');
  }
  const defaultExpiry = defaults.expiry === null ? null : since + defaults.expiry;
  const expiry_time = wanted.expiry_time === undefined ? defaultExpiry : wanted.expiry_time;
  const past = expiryProblem(expiry_time, clock());
  if (past !== undefined) throw problem(past);
  if (wanted.token !== undefined && (await backend.get(wanted.token)) !== null) {
    throw problem('token_exists', { token: wanted.token });
  }
  const uses_allowed = wanted.uses_allowed === undefined ? defaults.uses : wanted.uses_allowed;
  const chosen = Array.from({ length: count }, () => ({
    token: wanted.token ?? generate(wanted.length ?? defaults.length),
    uses_allowed,
    expiry_time,
  }));
  return { tokens: chosen };
}

async function createPlanned(
  tokens: Tokens,
  request: TokenRequest,
  planned: NewToken,
): Promise<RegistrationToken> {
  const token = withState(await createOrFind(tokens, planned), tokens.clock());
  const { uses_allowed, expiry_time } = planned;
  record(tokens, request, 'create', token.token, { uses_allowed, expiry_time });
  tokens.changes.emit({ kind: 'token', token });
  return token;
}

async function createOrFind({ backend }: Tokens, planned: NewToken): Promise<TokenFacts> {
  try {
    return await backend.create(planned);
  } catch (error) {
    // The plan is stored before the first request: a token with its name and limits was created by an earlier attempt
    // whose answer was lost.
    if (!(error instanceof Problem) || error.kind !== 'token_exists') throw error;
    const facts = await backend.get(planned.token);
    const ours = facts?.uses_allowed === planned.uses_allowed && facts.expiry_time === planned.expiry_time;
    if (facts === null || !ours) throw error;
    return facts;
  }
}
