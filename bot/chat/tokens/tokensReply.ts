// Renders tokens for chat replies.
import { type RegistrationToken, TOKEN_STATES, type TokenState, usesLeft } from '../../../common/token.ts';
import { countByState, matches } from '../../../common/tokenList.ts';
import type { CreationOutcome } from '../../tokens/createTokens.ts';
import { bold, code, type Inline, inline, say } from '../../words/inline.ts';
import type { Words } from '../../words/words.ts';
import { type Block, list, paragraph, type Rendered, render } from '../reply/document.ts';
import { absoluteTime, relativeTime } from '../reply/time.ts';

const PAGE_SIZE = 20;

/** The states that `list valid|expired|used` shows. A pending token becomes valid again if the registration is not finished. */
export const FILTERS = {
  valid: ['active', 'pending'],
  expired: ['expired'],
  used: ['used'],
} as const satisfies Record<string, readonly TokenState[]>;
export type Filter = keyof typeof FILTERS;

/** `1 of 2 used, 1 registering` */
function usesText(
  { tokens }: Words,
  { uses_allowed, completed, pending }: Pick<RegistrationToken, 'uses_allowed' | 'completed' | 'pending'>,
): string {
  const used = tokens.used(completed, uses_allowed);
  return pending ? `${used}, ${tokens.registering(pending)}` : used;
}

/** `in 7 days (2026-12-31 18:00 UTC)` */
function timeText(words: Words, epochMs: number, now: number): string {
  return `${relativeTime(words, epochMs, now)} (${absoluteTime(epochMs)})`;
}

/** `2 uses, expires in 7 days (2026-12-31 18:00 UTC)` */
function limitsText(
  words: Words,
  { uses_allowed, expiry_time }: Pick<RegistrationToken, 'uses_allowed' | 'expiry_time'>,
  now: number,
): string {
  const { tokens } = words;
  const expiry =
    expiry_time === null ? tokens.neverExpires : tokens.expires(timeText(words, expiry_time, now));
  return `${tokens.uses(uses_allowed)}, ${expiry}`;
}

export interface ListPage {
  readonly tokens: readonly RegistrationToken[];
  readonly filter: Filter | undefined;
  /** From 1. */
  readonly page: number;
}

/** Lines instead of a table: a table breaks tokens on phones, and some clients draw none. */
export function renderList(words: Words, { tokens, filter, page }: ListPage, now: number): Rendered {
  if (tokens.length === 0) return render(words, paragraph(...words.tokens.noTokens));
  const states: readonly TokenState[] = filter === undefined ? [] : FILTERS[filter];
  const shown = tokens.filter((token) => matches(token, { states, search: '' }));
  const counts = paragraph(`${words.tokens.tokens(tokens.length)}: ${countsText(words, tokens)}.`);
  if (shown.length === 0) return render(words, counts, paragraph(words.tokens.noneOf[filter ?? 'valid']));
  const pages = Math.ceil(shown.length / PAGE_SIZE);
  if (page > pages) return render(words, counts, paragraph(words.tokens.fewerPages(pages)));
  const lines = shown
    .slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)
    .map((token) => paragraph(code(token.token), `\n${factsLine(words, token, now)}`));
  const blocks: Block[] = [counts, ...lines];
  if (pages > 1) blocks.push(paragraph(...pageLine(words, page, pages, filter)));
  return render(words, ...blocks);
}

/** `valid · 0 of 1 used · expires in 7 days` */
function factsLine(words: Words, token: RegistrationToken, now: number): string {
  const { tokens } = words;
  const { state, expiry_time } = token;
  const relative = expiry_time === null ? undefined : relativeTime(words, expiry_time, now);
  const uses = usesText(words, token);
  if (state === 'expired' && relative !== undefined) return `${tokens.expired(relative)} · ${uses}`;
  const facts = [tokens.states[state], uses];
  // Of a token that nobody can use any more, the expiry says nothing.
  if (state === 'active' || state === 'pending')
    facts.push(relative === undefined ? tokens.neverExpires : tokens.expires(relative));
  return facts.join(' · ');
}

function pageLine({ tokens }: Words, page: number, pages: number, filter: Filter | undefined): Inline[] {
  const next = ['list', filter, page + 1].filter((word) => word !== undefined).join(' ');
  return [tokens.page(page, pages), ...(page < pages ? tokens.nextPage(next) : [])];
}

function countsText(words: Words, tokens: readonly RegistrationToken[]): string {
  const counts = countByState(tokens);
  return TOKEN_STATES.filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${words.tokens.states[state]}`)
    .join(', ');
}

/** @param found in the order of `asked`; null: no such token */
export function renderShow(
  words: Words,
  asked: readonly string[],
  found: readonly (RegistrationToken | null)[],
  now: number,
): Rendered {
  const blocks = found.flatMap((token, index): Block[] => {
    if (token === null) return [paragraph(...words.tokens.unknown(asked[index] ?? ''))];
    return [paragraph(code(token.token)), list(details(words, token, now))];
  });
  return render(words, ...blocks);
}

function details(words: Words, token: RegistrationToken, now: number): Inline[][] {
  const { details: texts } = words.tokens;
  const { completed, pending, uses_allowed, expiry_time } = token;
  const lines: Inline[][] = [
    [bold(texts.state), stateSentence(words, token)],
    [bold(texts.usesLeft), texts.left(usesLeft(token), uses_allowed)],
    [bold(texts.completed), texts.registrations(completed)],
  ];
  if (pending !== null) lines.push([bold(texts.pending), texts.people(pending)]);
  lines.push([bold(texts.expires), expiry_time === null ? texts.never : timeText(words, expiry_time, now)]);
  return lines;
}

function stateSentence({ tokens }: Words, { state }: RegistrationToken): string {
  return state === 'pending' ? tokens.pendingState : tokens.states[state];
}

export function renderCreated(
  words: Words,
  outcome: Pick<CreationOutcome, 'created' | 'failed'>,
  serverName: string,
  now: number,
): Rendered {
  const { tokens: texts } = words;
  const { created, failed } = outcome;
  const [first] = created;
  const blocks: Block[] = [];
  if (first !== undefined) {
    const limits = limitsText(words, first, now);
    if (created.length === 1) {
      blocks.push(paragraph(texts.newToken), paragraph(code(first.token)), paragraph(`${capital(limits)}.`));
    } else {
      blocks.push(
        paragraph(texts.newTokens(created.length, limits)),
        list(created.map(({ token }) => [code(token)])),
      );
    }
    blocks.push(paragraph(...texts.handOut(created.length, serverName)));
  }
  if (failed !== undefined)
    blocks.push(paragraph(bold(texts.restNotCreated), ...inline(words.general.problem(failed))));
  return render(words, ...blocks);
}

export function renderEdited(words: Words, token: RegistrationToken, now: number): Rendered {
  const limits = limitsText(words, token, now);
  return render(
    words,
    paragraph(
      ...words.tokens.changed(token.token, limits, stateSentence(words, token), usesText(words, token)),
    ),
  );
}

/** A token in the question before a deletion. */
export function tokenLine(words: Words, token: Omit<RegistrationToken, 'id' | 'expiry_time'>): Inline[] {
  return say`${code(token.token)} (${words.tokens.states[token.state]}, ${usesText(words, token)})`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
