// The state of the token list: loaded tokens, pending requests, and live changes.
import { MAX_DELETIONS, MAX_PAGE_SIZE } from '../../../common/apiLimits.ts';
import type { TokensPage } from '../../../common/apiResponses.ts';
import type { RegistrationToken, TokenState } from '../../../common/token.ts';
import { countByState } from '../../../common/tokenList.ts';
import type { Api } from '../api/api.ts';
import { type ApiFailure, asFailure } from '../api/failure.ts';
import { type Filter, mergeTokens } from './merge.ts';

export interface TokensView {
  filter: Filter;
  items: readonly RegistrationToken[];
  /** Number of matching tokens, loaded or not. */
  total: number;
  counts: Readonly<Record<TokenState, number>> | null;
  /** The first page is loading. */
  loading: boolean;
  failure: ApiFailure | null;
  selected: ReadonlySet<string>;
  /** Tokens being deleted. */
  deleting: ReadonlySet<string>;
  created: CreatedTokensNow;
}

/** The tokens created last in this widget, as they are now, by their value; null: deleted by somebody else. */
export type CreatedTokensNow = ReadonlyMap<string, RegistrationToken | null>;

const FIRST_PAGE = 50;
/** Debounces bursts of changes. */
const RECOUNT_MS = 400;

export class TokensModel {
  readonly #api: Api;
  readonly #listeners = new Set<() => void>();
  #view: TokensView = {
    filter: { states: [], search: '', sort: 'changed' },
    items: [],
    total: 0,
    counts: null,
    loading: true,
    failure: null,
    selected: new Set(),
    deleting: new Set(),
    created: new Map(),
  };
  #cursor: string | null = null;
  /** Identifies the current query, to drop answers to older ones. */
  #generation = 0;
  #page: Promise<void> | undefined;
  #recount: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  get view(): TokensView {
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(filter: Filter): Promise<void> {
    this.#set({ filter, selected: new Set() });
    return this.#load(false);
  }

  /**
   * Reloads from the first page; the current rows stay until the answer arrives.
   * @param unasked as for `RequestOptions`
   */
  async reload(unasked: boolean): Promise<void> {
    await this.#load(unasked);
    await this.#readCreated(unasked);
  }

  /** Of the tokens created last, reads those that the list does not show. */
  async #readCreated(unasked: boolean): Promise<void> {
    if (this.#view.failure !== null) return;
    const listed = new Set(this.#view.items.map(({ token }) => token));
    for (const [token, known] of this.#view.created) {
      if (known === null || listed.has(token)) continue;
      try {
        this.merge([(await this.#api.token(token, unasked)).data], []);
      } catch (error) {
        // Anything else: the next reload reads it again.
        if (asFailure(error).status === 404) this.merge([], [token]);
      }
    }
  }

  async #load(unasked: boolean): Promise<void> {
    const generation = ++this.#generation;
    this.#page = undefined;
    this.#set({ loading: true, failure: null });
    try {
      const page = await this.#api.tokens(
        this.#query(Math.max(FIRST_PAGE, Math.min(this.#view.items.length, MAX_PAGE_SIZE))),
        unasked,
      );
      if (generation !== this.#generation) return;
      this.#cursor = page.next_cursor;
      const created = this.#createdAfter(page.tokens, []);
      this.#set({ items: page.tokens, ...this.#totals(page, page.tokens.length), created, loading: false });
    } catch (error) {
      if (generation === this.#generation) this.#set({ loading: false, failure: asFailure(error) });
    }
  }

  /** Loads pages up to row `index`, one at a time. */
  async loadTo(index: number): Promise<void> {
    while (index >= this.#view.items.length && this.#cursor !== null && this.#view.failure === null) {
      this.#page ??= this.#loadPage(this.#cursor).finally(() => {
        this.#page = undefined;
      });
      await this.#page;
    }
  }

  async #loadPage(cursor: string): Promise<void> {
    const generation = this.#generation;
    try {
      const page = await this.#api.tokens({ ...this.#query(MAX_PAGE_SIZE), cursor }, true);
      if (generation !== this.#generation) return;
      this.#cursor = page.next_cursor;
      // Tokens that moved between two pages may appear twice.
      const known = new Set(this.#view.items.map(({ token }) => token));
      const items = [...this.#view.items, ...page.tokens.filter(({ token }) => !known.has(token))];
      this.#set({ items, ...this.#totals(page, items.length) });
    } catch (error) {
      if (generation === this.#generation) this.#set({ failure: asFailure(error) });
    }
  }

  /** Applies changes from the event stream, or made in this widget. */
  merge(changed: readonly RegistrationToken[], removed: readonly string[]): void {
    const { items, filter, total, selected } = this.#view;
    const next = mergeTokens(items, changed, removed, filter, this.#cursor === null);
    const left = new Set(selected);
    for (const token of removed) left.delete(token);
    const allLoaded = this.#cursor === null && filter.states.length === 0 && filter.search === '';
    this.#set({
      items: next,
      // If all tokens are loaded, the counts are computed here.
      ...(allLoaded ? { counts: countByState(next) } : {}),
      total: Math.max(0, total + next.length - items.length),
      selected: left,
      created: this.#createdAfter(changed, removed),
    });
    clearTimeout(this.#recount);
    this.#recount = setTimeout(() => void this.#count(), RECOUNT_MS);
  }

  /** Shows these as created; none: no longer shows any. */
  announce(created: readonly RegistrationToken[]): void {
    this.#set({ created: new Map(created.map((token) => [token.token, token])) });
    if (created.length > 0) this.merge(created, []);
  }

  #createdAfter(changed: readonly RegistrationToken[], removed: readonly string[]): CreatedTokensNow {
    const created = new Map(this.#view.created);
    for (const token of changed) if (created.has(token.token)) created.set(token.token, token);
    for (const token of removed) {
      // Those that the user deletes here need no mention.
      if (this.#view.deleting.has(token)) created.delete(token);
      else if (created.has(token)) created.set(token, null);
    }
    return created;
  }

  async #count(): Promise<void> {
    const generation = this.#generation;
    // Ignored: the next change or reconnect requests the counts again.
    const page = await this.#api.tokens(this.#query(1), true).catch(() => undefined);
    if (page === undefined || generation !== this.#generation) return;
    this.#set(this.#totals(page, this.#view.items.length));
  }

  select(tokens: Iterable<string>): void {
    this.#set({ selected: new Set(tokens) });
  }

  /** All matching tokens, up to the maximum for one deletion. */
  async selectAll(): Promise<{ limited: boolean }> {
    await this.loadTo(Math.min(this.#view.total, MAX_DELETIONS) - 1);
    const { items } = this.#view;
    this.select(items.slice(0, MAX_DELETIONS).map(({ token }) => token));
    return { limited: this.#view.total > MAX_DELETIONS };
  }

  markDeleting(tokens: readonly string[], deleting: boolean): void {
    const next = new Set(this.#view.deleting);
    for (const token of tokens) deleting ? next.add(token) : next.delete(token);
    this.#set({ deleting: next });
  }

  stop(): void {
    this.#generation++;
    clearTimeout(this.#recount);
  }

  #query(limit: number) {
    const { states, search, sort } = this.#view.filter;
    return {
      sort,
      limit: String(limit),
      ...(states.length === 0 ? {} : { state: states.join(',') }),
      ...(search === '' ? {} : { search }),
    };
  }

  #totals(page: TokensPage, loaded: number): Pick<TokensView, 'counts' | 'total'> {
    return { counts: page.counts, total: this.#cursor === null ? loaded : Math.max(page.total, loaded) };
  }

  #set(change: Partial<TokensView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
