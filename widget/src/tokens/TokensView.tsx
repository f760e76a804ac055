import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { RegistrationToken } from '../../../common/token.ts';
import type { Api } from '../api/api.ts';
import { describeFailure, useLanguage } from '../i18n/i18n.ts';
import { useFeedback } from '../ui/feedback.tsx';
import { useNow } from '../ui/hooks.ts';
import { Page } from '../ui/Page.tsx';
import { CreatePanel } from './CreatePanel.tsx';
import { DeleteDialog } from './DeleteDialog.tsx';
import { deleteTokens } from './deleteTokens.ts';
import { EditDialog } from './EditDialog.tsx';
import type { TokensModel } from './model.ts';
import { TokenList } from './TokenList.tsx';
import { Toolbar } from './Toolbar.tsx';

type Open = { edit: RegistrationToken } | { doomed: readonly RegistrationToken[] } | null;

export function TokensView({ api, model }: { api: Api; model: TokensModel }) {
  const language = useLanguage();
  const { t } = language;
  const feedback = useFeedback();
  const now = useNow();
  const [, changed] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => model.subscribe(changed), [model]);
  const [open, setOpen] = useState<Open>(null);
  const { filter, items, total, counts, loading, failure, selected, deleting } = model.view;

  const onSelect = useCallback(
    (token: string, on: boolean) => {
      const next = new Set(model.view.selected);
      on ? next.add(token) : next.delete(token);
      model.select(next);
    },
    [model],
  );
  const onFilter = useCallback((next: typeof filter) => void model.show(next), [model]);
  const view = useRef<HTMLDivElement>(null);
  const remove = async (doomed: readonly RegistrationToken[]): Promise<void> => {
    await deleteTokens(api, model, doomed, language, feedback);
    // The focused button was removed with its row: focus the list, so that Tab moves to the next row.
    if (document.activeElement !== document.body) return;
    const next = (where: string) => view.current?.querySelector<HTMLElement>(where);
    (next('.token-list') ?? next('.create button'))?.focus({ preventScroll: true });
  };
  const onReach = useCallback((index: number) => void model.loadTo(index), [model]);

  const isFiltered = filter.states.length > 0 || filter.search !== '';
  return (
    <div ref={view} class="view tokens">
      <CreatePanel api={api} model={model} now={now} />
      {counts !== null && (total > 0 || isFiltered) && (
        <Toolbar filter={filter} counts={counts} onChange={onFilter} />
      )}
      {failure !== null && items.length === 0 ? (
        <Page icon="warning" title={t.list.failed}>
          <p>{describeFailure(failure, language)}</p>
          <button type="button" class="button primary" onClick={() => void model.reload(false)}>
            {t.retry}
          </button>
        </Page>
      ) : total > 0 ? (
        <>
          <SelectionBar
            model={model}
            onDelete={() => setOpen({ doomed: items.filter(({ token }) => selected.has(token)) })}
          />
          <TokenList
            items={items}
            total={total}
            selected={selected}
            deleting={deleting}
            busy={loading}
            now={now}
            onSelect={onSelect}
            onEdit={(edit) => setOpen({ edit })}
            onDelete={(token) => setOpen({ doomed: [token] })}
            onReach={onReach}
          />
          {failure !== null && (
            <div class="more-failed" role="alert">
              <span>{describeFailure(failure, language)}</span>
              <button type="button" class="button small" onClick={() => void model.reload(false)}>
                {t.retry}
              </button>
            </div>
          )}
        </>
      ) : loading && counts === null ? (
        <Skeleton label={t.loading} />
      ) : (
        <EmptyList
          onShowAll={isFiltered ? () => onFilter({ ...filter, states: [], search: '' }) : undefined}
        />
      )}
      {open !== null && 'edit' in open && (
        <EditDialog
          api={api}
          token={open.edit}
          onChanged={(token) =>
            token === null ? model.merge([], [open.edit.token]) : model.merge([token], [])
          }
          onClose={() => setOpen(null)}
        />
      )}
      {open !== null && 'doomed' in open && (
        <DeleteDialog
          tokens={open.doomed}
          now={now}
          onConfirm={() => void remove(open.doomed)}
          onClose={() => setOpen(null)}
        />
      )}
    </div>
  );
}

/** @param onShowAll undefined: the list is not filtered */
function EmptyList({ onShowAll }: { onShowAll: (() => void) | undefined }) {
  const { t } = useLanguage();
  if (onShowAll === undefined) {
    return (
      <Page icon="plus" title={t.list.empty}>
        <p>{t.list.emptyHint}</p>
      </Page>
    );
  }
  return (
    <Page icon="note" title={t.list.nothingFound}>
      <p>{t.list.nothingFoundHint}</p>
      <button type="button" class="button" onClick={onShowAll}>
        {t.list.showAll}
      </button>
    </Page>
  );
}

interface SelectionBarProps {
  model: TokensModel;
  onDelete: () => void;
}

function SelectionBar({ model, onDelete }: SelectionBarProps) {
  const { t } = useLanguage();
  const feedback = useFeedback();
  const { items, total, selected } = model.view;

  async function selectAll(): Promise<void> {
    if (selected.size > 0) return model.select([]);
    const { limited } = await model.selectAll();
    if (limited) feedback.tell(t.deleting.limit);
  }

  return (
    <div class="selection">
      <label class="select-all">
        <input
          type="checkbox"
          checked={selected.size > 0 && selected.size >= items.length}
          indeterminate={selected.size > 0 && selected.size < items.length}
          onChange={() => void selectAll()}
        />
        {selected.size > 0 ? t.list.selected(selected.size) : t.list.selectAll}
      </label>
      {selected.size > 0 ? (
        <span class="selection-actions">
          <button type="button" class="button small" onClick={() => model.select([])}>
            {t.list.clearSelection}
          </button>
          <button type="button" class="button small danger" onClick={onDelete}>
            {t.list.deleteSelected}
          </button>
        </span>
      ) : (
        <span class="shown-count" role="status">
          {t.list.shown(total)}
        </span>
      )}
    </div>
  );
}

export function Skeleton({ label }: { label: string }) {
  return (
    <div class="skeleton" role="status" aria-busy="true">
      <span class="unseen">{label}</span>
      {[0, 1, 2, 3, 4].map((row) => (
        <span key={row} class="skeleton-row" />
      ))}
    </div>
  );
}
