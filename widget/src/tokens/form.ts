// Turns form values into API requests, validated with the bot's schemas.
import {
  type CreateTokens,
  expiryProblem,
  type RegistrationToken,
  tokenCountSchema,
  tokenValueSchema,
  type UpdateToken,
  usesAllowedSchema,
} from '../../../common/token.ts';
import { fromLocalInput, toLocalInput } from '../format/format.ts';

export type UsesChoice = 'one' | 'number' | 'unlimited';
export type ExpiryChoice = 'keep' | '1d' | '7d' | '30d' | 'never' | 'at';

export interface TokenForm {
  uses: UsesChoice;
  usesNumber: string;
  expiry: ExpiryChoice;
  /** Value of `<input type="datetime-local">`. */
  expiryAt: string;
  token: string;
  count: string;
}

export type TokenError = 'tokenCharacters' | 'tokenLong' | 'tokenDots';
export interface FormErrors {
  uses?: 'uses';
  expiry?: 'expiryMissing' | 'expiryPast';
  token?: TokenError;
  count?: 'count';
}
export type Mapped<T> = { request: T } | { errors: FormErrors };

const DAY = 86_400_000;
const SPANS = { '1d': DAY, '7d': 7 * DAY, '30d': 30 * DAY } as const;

export function emptyForm(now: number): TokenForm {
  return {
    uses: 'one',
    usesNumber: '5',
    expiry: '7d',
    expiryAt: toLocalInput(now + 7 * DAY),
    token: '',
    count: '1',
  };
}

export function formOf(token: RegistrationToken, now: number): TokenForm {
  const { uses_allowed, expiry_time } = token;
  return {
    ...emptyForm(now),
    uses: uses_allowed === null ? 'unlimited' : uses_allowed === 1 ? 'one' : 'number',
    usesNumber: String(uses_allowed ?? token.completed + (token.pending ?? 0) + 1),
    expiry: expiry_time === null ? 'never' : 'keep',
    expiryAt: toLocalInput(Math.max(expiry_time ?? 0, now + DAY)),
  };
}

/** The error of a custom token; none while it is empty. */
export function tokenError(token: string): TokenError | undefined {
  const issue = token === '' ? undefined : tokenValueSchema.safeParse(token).error?.issues[0];
  if (issue === undefined) return undefined;
  if (issue.code === 'too_big') return 'tokenLong';
  return issue.code === 'custom' ? 'tokenDots' : 'tokenCharacters';
}

/** undefined: not a number of uses. */
export function usesOf(form: Pick<TokenForm, 'uses' | 'usesNumber'>): number | null | undefined {
  if (form.uses === 'unlimited') return null;
  if (form.uses === 'one') return 1;
  const uses = wholeNumber(form.usesNumber);
  return usesAllowedSchema.safeParse(uses).success ? uses : undefined;
}

export function toCreateRequest(form: TokenForm, now: number): Mapped<CreateTokens> {
  const errors: FormErrors = {};
  const own = form.token.trim();
  const problem = tokenError(own);
  if (problem) errors.token = problem;
  const count = own === '' ? wholeNumber(form.count) : 1;
  if (!tokenCountSchema.safeParse(count).success) errors.count = 'count';
  const { uses, expiry } = limits(form, now, errors);
  if (hasErrors(errors)) return { errors };
  return {
    request: {
      ...(own === '' ? {} : { token: own }),
      ...(count === 1 ? {} : { count }),
      uses_allowed: uses ?? null,
      ...(expiry === undefined ? {} : { expiry_time: expiry }),
    },
  };
}

/** Sends only what differs from the current token. */
export function toUpdateRequest(form: TokenForm, token: RegistrationToken, now: number): Mapped<UpdateToken> {
  const errors: FormErrors = {};
  const { uses, expiry } = limits(form, now, errors);
  if (hasErrors(errors)) return { errors };
  return {
    request: {
      ...(uses === undefined || uses === token.uses_allowed ? {} : { uses_allowed: uses }),
      ...(expiry === undefined || expiry === token.expiry_time ? {} : { expiry_time: expiry }),
    },
  };
}

function limits(form: TokenForm, now: number, errors: FormErrors) {
  const uses = usesOf(form);
  if (uses === undefined) errors.uses = 'uses';
  const expiry = expiryOf(form, now);
  if (expiry === 'missing') errors.expiry = 'expiryMissing';
  else if (expiryProblem(expiry, now) !== undefined) errors.expiry = 'expiryPast';
  return { uses, expiry: expiry === 'missing' ? undefined : expiry };
}

function expiryOf(form: TokenForm, now: number): number | null | undefined | 'missing' {
  if (form.expiry === 'keep') return undefined;
  if (form.expiry === 'never') return null;
  if (form.expiry === 'at') return fromLocalInput(form.expiryAt) ?? 'missing';
  return now + SPANS[form.expiry];
}

function wholeNumber(text: string): number {
  return /^\d{1,12}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
}

function hasErrors(errors: FormErrors): boolean {
  return Object.keys(errors).length > 0;
}
