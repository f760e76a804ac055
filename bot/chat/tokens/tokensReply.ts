// Renders tokens for chat replies.
import { count } from '../../../common/duration.ts';
import { type RegistrationToken, TOKEN_STATES, type TokenState, usesLeft } from '../../../common/token.ts';
import { countByState, matches } from '../../../common/tokenList.ts';
import type { CreationOutcome } from '../../tokens/createTokens.ts';
import {
  type Block,
  bold,
  code,
  command,
  type Inline,
  list,
  paragraph,
  type Rendered,
  render,
  table,
} from '../reply/document.ts';
import { absoluteTime, relativeTime } from '../reply/time.ts';

const PAGE_SIZE = 20;

const STATE_WORDS: Record<TokenState, string> = {
  active: 'valid',
  pending: 'being used',
  used: 'used up',
  expired: 'expired',
  revoked: 'revoked',
};

/** The states that `list valid|expired|used` shows. A pending token becomes valid again if the registration is not finished. */
export const FILTERS = {
  valid: ['active', 'pending'],
  expired: ['expired'],
  used: ['used'],
} as const satisfies Record<string, readonly TokenState[]>;
export type Filter = keyof typeof FILTERS;
const FILTER_WORDS: Record<Filter, string> = { valid: 'valid', expired: 'expired', used: 'used up' };

/** `1 of 2 used, 1 registering` */
function usesText({
  uses_allowed,
  completed,
  pending,
}: Pick<RegistrationToken, 'uses_allowed' | 'completed' | 'pending'>): string {
  const used = uses_allowed === null ? `${completed} used, no limit` : `${completed} of ${uses_allowed} used`;
  return pending ? `${used}, ${pending} registering` : used;
}

/** `in 7 days (2026-12-31 18:00 UTC)` */
function expiryText(expiryTime: number | null, now: number): string {
  return expiryTime === null ? 'never' : `${relativeTime(expiryTime, now)} (${absoluteTime(expiryTime)})`;
}

function limitsText(token: Pick<RegistrationToken, 'uses_allowed' | 'expiry_time'>, now: number): string {
  const { uses_allowed, expiry_time } = token;
  const uses = uses_allowed === null ? 'any number of uses' : count(uses_allowed, 'use');
  return `${uses}, ${expiry_time === null ? 'never expires' : `expires ${expiryText(expiry_time, now)}`}`;
}

export interface ListPage {
  readonly tokens: readonly RegistrationToken[];
  readonly filter: Filter | undefined;
  /** From 1. */
  readonly page: number;
}

export function renderList({ tokens, filter, page }: ListPage, now: number): Rendered {
  if (tokens.length === 0)
    return render(paragraph('There are no registration tokens. ', command('create'), ' makes one.'));
  const states: readonly TokenState[] = filter === undefined ? [] : FILTERS[filter];
  const shown = tokens.filter((token) => matches(token, { states, search: '' }));
  const counts = paragraph(`${count(tokens.length, 'token')}: ${countsText(tokens)}.`);
  if (shown.length === 0)
    return render(counts, paragraph(`None of them is ${FILTER_WORDS[filter ?? 'valid']}.`));
  const pages = Math.ceil(shown.length / PAGE_SIZE);
  if (page > pages)
    return render(counts, paragraph(`There ${pages === 1 ? 'is only 1 page' : `are only ${pages} pages`}.`));
  const rows = shown.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map((token) => listRow(token, now));
  const blocks: Block[] = [counts, table(['Token', 'State', 'Uses', 'Expires'], rows)];
  if (pages > 1) blocks.push(paragraph(...pageLine(page, pages, filter)));
  return render(...blocks);
}

function listRow(token: RegistrationToken, now: number): Inline[] {
  return [code(token.token), STATE_WORDS[token.state], usesText(token), shortExpiry(token, now)];
}

function shortExpiry({ expiry_time, state }: RegistrationToken, now: number): string {
  if (expiry_time === null) return 'never expires';
  const relative = relativeTime(expiry_time, now);
  return state === 'expired' ? relative : `expires ${relative}`;
}

function pageLine(page: number, pages: number, filter: Filter | undefined): Inline[] {
  const line: Inline[] = [`Page ${page} of ${pages}.`];
  if (page < pages)
    line.push(' Next: ', command(['list', filter, page + 1].filter((word) => word !== undefined).join(' ')));
  return line;
}

function countsText(tokens: readonly RegistrationToken[]): string {
  const counts = countByState(tokens);
  return TOKEN_STATES.filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${STATE_WORDS[state]}`)
    .join(', ');
}

/** @param found in the order of `asked`; null: no such token */
export function renderShow(
  asked: readonly string[],
  found: readonly (RegistrationToken | null)[],
  now: number,
): Rendered {
  const blocks = found.flatMap((token, index): Block[] => {
    if (token === null) return [paragraph('There is no token ', code(asked[index] ?? ''), '.')];
    return [paragraph(code(token.token)), list(details(token, now))];
  });
  return render(...blocks);
}

function details(token: RegistrationToken, now: number): Inline[][] {
  const left = usesLeft(token);
  const lines: Inline[][] = [
    [bold('State: '), stateSentence(token)],
    [bold('Uses left: '), left === null ? 'no limit' : `${left} of ${token.uses_allowed}`],
    [bold('Completed: '), count(token.completed, 'registration')],
  ];
  if (token.pending !== null) lines.push([bold('Pending: '), pendingText(token.pending)]);
  lines.push([bold('Expires: '), expiryText(token.expiry_time, now)]);
  return lines;
}

function pendingText(pending: number): string {
  return pending === 0
    ? 'nobody is registering right now'
    : `${count(pending, 'person', 'people')} in the middle of registering`;
}

function stateSentence(token: RegistrationToken): string {
  if (token.state !== 'pending') return STATE_WORDS[token.state];
  return 'being used; if nobody finishes, it becomes valid again within 48 hours';
}

export function renderCreated(
  outcome: Pick<CreationOutcome, 'created' | 'failed'>,
  serverName: string,
  now: number,
): Rendered {
  const [first] = outcome.created;
  const blocks: Block[] = [];
  if (first !== undefined) {
    const limits = limitsText(first, now);
    const tokens = outcome.created.map(({ token }) => [code(token)]);
    if (tokens.length === 1) {
      blocks.push(
        paragraph('New registration token:'),
        paragraph(code(first.token)),
        paragraph(`${capital(limits)}.`),
      );
    } else {
      blocks.push(paragraph(`${tokens.length} new registration tokens, each: ${limits}.`), list(tokens));
    }
    blocks.push(
      paragraph(
        `Hand ${tokens.length === 1 ? 'it' : 'one'} to a person who should get an account: they register on ${serverName} and enter it when asked for a registration token.`,
      ),
    );
  }
  if (outcome.failed !== undefined) {
    blocks.push(paragraph(bold('The rest could not be created. '), outcome.failed.sentence));
  }
  return render(...blocks);
}

export function renderEdited(token: RegistrationToken, now: number): Rendered {
  const blocks: Block[] = [
    paragraph(
      'Changed ',
      code(token.token),
      `: ${limitsText(token, now)}. Now ${stateSentence(token)}, ${usesText(token)}.`,
    ),
  ];
  return render(...blocks);
}

/** A token in the question before a deletion. */
export function tokenLine(token: Omit<RegistrationToken, 'id' | 'expiry_time'>): Inline[] {
  return [code(token.token), ` (${STATE_WORDS[token.state]}, ${usesText(token)})`];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
