// The tokens that the list shows: what is loaded, what is being loaded, and what changed meanwhile.
import { MAX_DELETIONS, MAX_PAGE_SIZE } from '../../../common/api.ts';
import type { TokensPage } from '../../../common/apiResponses.ts';
import type { RegistrationToken, TokenState } from '../../../common/token.ts';
import { countByState } from '../../../common/tokenList.ts';
import type { Api } from '../api/api.ts';
import { type ApiFailure, asFailure } from '../api/failure.ts';
import { type Filter, mergeTokens } from './merge.ts';

export interface TokensView {
  filter: Filter;
  items: readonly RegistrationToken[];
  /** How many match, loaded or not. */
  total: number;
  counts: Readonly<Record<TokenState, number>> | null;
  /** The first page of what is asked for is on its way. */
  loading: boolean;
  failure: ApiFailure | null;
  selected: ReadonlySet<string>;
  /** Those whose deletion is under way. */
  deleting: ReadonlySet<string>;
  /** Those that were deleted while this page was open. */
  removed: ReadonlySet<string>;
}

const FIRST_PAGE = 50;
/** Changes often come in bursts. */
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
    removed: new Set(),
  };
  #cursor: string | null = null;
  /** Answers to what is no longer asked for are dropped. */
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
    return this.reload();
  }

  /** Reads from the start; what is shown stays until the answer is there. */
  async reload(): Promise<void> {
    const generation = ++this.#generation;
    this.#page = undefined;
    this.#set({ loading: true, failure: null });
    try {
      const page = await this.#api.tokens(
        this.#query(Math.max(FIRST_PAGE, Math.min(this.#view.items.length, MAX_PAGE_SIZE))),
      );
      if (generation !== this.#generation) return;
      this.#cursor = page.next_cursor;
      this.#set({ items: page.tokens, ...this.#totals(page, page.tokens.length), loading: false });
    } catch (error) {
      if (generation === this.#generation) this.#set({ loading: false, failure: asFailure(error) });
    }
  }

  /** Loads pages until row `index` is there. One at a time, whoever asks. */
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
      const page = await this.#api.tokens({ ...this.#query(MAX_PAGE_SIZE), cursor });
      if (generation !== this.#generation) return;
      this.#cursor = page.next_cursor;
      // What moved while it was paged through may come twice.
      const known = new Set(this.#view.items.map(({ token }) => token));
      const items = [...this.#view.items, ...page.tokens.filter(({ token }) => !known.has(token))];
      this.#set({ items, ...this.#totals(page, items.length) });
    } catch (error) {
      if (generation === this.#generation) this.#set({ failure: asFailure(error) });
    }
  }

  /** Changes that came live, or that somebody made here. */
  merge(changed: readonly RegistrationToken[], removed: readonly string[]): void {
    const { items, filter, total, selected } = this.#view;
    const next = mergeTokens(items, changed, removed, filter, this.#cursor === null);
    const left = new Set(selected);
    for (const token of removed) left.delete(token);
    const gone = new Set([...this.#view.removed, ...removed]);
    for (const { token } of changed) gone.delete(token);
    const allLoaded = this.#cursor === null && filter.states.length === 0 && filter.search === '';
    this.#set({
      items: next,
      // Where everything is loaded, the counts need not wait for the server.
      ...(allLoaded ? { counts: countByState(next) } : {}),
      total: Math.max(0, total + next.length - items.length),
      selected: left,
      removed: gone,
    });
    clearTimeout(this.#recount);
    this.#recount = setTimeout(() => void this.#count(), RECOUNT_MS);
  }

  async #count(): Promise<void> {
    const generation = this.#generation;
    // A count that failed is no news: the next change, or the next connection, counts again.
    const page = await this.#api.tokens(this.#query(1)).catch(() => undefined);
    if (page === undefined || generation !== this.#generation) return;
    this.#set(this.#totals(page, this.#view.items.length));
  }

  select(tokens: Iterable<string>): void {
    this.#set({ selected: new Set(tokens) });
  }

  /** Everything that matches, up to what can be deleted at once. */
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
