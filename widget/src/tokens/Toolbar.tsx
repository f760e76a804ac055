import { useEffect, useState } from 'preact/hooks';
import { TOKEN_SORTS, type TokenSort } from '../../../common/apiLimits.ts';
import { TOKEN_STATES, type TokenState } from '../../../common/token.ts';
import { useLanguage } from '../i18n/i18n.ts';
import type { Filter } from './merge.ts';

interface Props {
  filter: Filter;
  counts: Readonly<Record<TokenState, number>> | null;
  onChange: (filter: Filter) => void;
}

const TYPING_MS = 250;

export function Toolbar({ filter, counts, onChange }: Props) {
  const { t, format } = useLanguage();
  const [search, setSearch] = useState(filter.search);
  useEffect(() => setSearch(filter.search), [filter.search]);
  useEffect(() => {
    if (search.trim() === filter.search) return;
    const timer = setTimeout(() => onChange({ ...filter, search: search.trim() }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [search, filter, onChange]);

  const all = counts === null ? 0 : Object.values(counts).reduce((sum, count) => sum + count, 0);
  const states = TOKEN_STATES.filter(
    (state) => state !== 'revoked' || (counts?.revoked ?? 0) > 0 || filter.states.includes(state),
  );
  function toggle(state: TokenState): void {
    const on = filter.states.includes(state);
    onChange({
      ...filter,
      states: on ? filter.states.filter((s) => s !== state) : [...filter.states, state],
    });
  }

  return (
    <div class="toolbar">
      <fieldset class="chips">
        <legend class="unseen">{t.list.filters}</legend>
        <button
          type="button"
          class="chip"
          aria-pressed={filter.states.length === 0}
          aria-label={t.list.filterName(t.list.all, all)}
          onClick={() => onChange({ ...filter, states: [] })}
        >
          {t.list.all} <span class="chip-count">{counts === null ? '–' : format.number(all)}</span>
        </button>
        {states.map((state) => (
          <button
            key={state}
            type="button"
            class="chip"
            title={t.stateHint[state]}
            aria-pressed={filter.states.includes(state)}
            aria-label={t.list.filterName(t.state[state], counts?.[state] ?? 0)}
            onClick={() => toggle(state)}
          >
            {t.state[state]}{' '}
            <span class="chip-count">{counts === null ? '–' : format.number(counts[state])}</span>
          </button>
        ))}
      </fieldset>
      <div class="toolbar-find">
        <input
          type="search"
          class="field"
          value={search}
          maxLength={64}
          placeholder={t.list.search}
          aria-label={t.list.search}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <select
          class="field"
          aria-label={t.list.sort}
          value={filter.sort}
          onChange={(event) => onChange({ ...filter, sort: event.currentTarget.value as TokenSort })}
        >
          {TOKEN_SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {t.list.sorts[sort]}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
