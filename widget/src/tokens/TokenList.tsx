// The token list; renders only the visible rows.
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RegistrationToken } from '../../../common/token.ts';
import { useLanguage } from '../i18n/i18n.ts';
import { type RowProps, TokenRow } from './TokenRow.tsx';
import { visibleRows, type Window } from './window.ts';

interface Props extends Pick<RowProps, 'now' | 'onSelect' | 'onEdit' | 'onDelete'> {
  items: readonly RegistrationToken[];
  total: number;
  selected: ReadonlySet<string>;
  deleting: ReadonlySet<string>;
  /** Another list is loading. */
  busy: boolean;
  onReach: (index: number) => void;
}

export function TokenList({ items, total, selected, deleting, busy, onReach, ...row }: Props) {
  const { t } = useLanguage();
  const list = useRef<HTMLUListElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const count = Math.max(total, items.length);
  const rows = useVisibleRows(list, count);
  useScrollAnchor(list, items, rows);

  useEffect(() => onReach(rows.end - 1), [rows.end, items, onReach]);

  const shown = new Set<number>();
  for (let index = rows.first; index < rows.end; index++) shown.add(index);
  // The row with the keyboard focus stays rendered while the page scrolls.
  const held = focused === null ? -1 : items.findIndex(({ token }) => token === focused);
  if (held >= 0) shown.add(held);

  return (
    <ul
      ref={list}
      class="token-list"
      tabIndex={-1}
      aria-label={t.list.label}
      aria-busy={busy}
      style={{ height: rows.height > 0 ? `${count * rows.height}px` : '' }}
      onFocusOut={() => setFocused(null)}
    >
      {[...shown]
        .sort((a, b) => a - b)
        .map((index) => {
          const token = items[index];
          const place = { transform: `translateY(${index * rows.height}px)` };
          if (token === undefined) {
            return <li key={`#${index}`} class="row waiting" style={place} aria-hidden="true" />;
          }
          return (
            <li
              key={token.token}
              class={`row${selected.has(token.token) ? ' selected' : ''}${deleting.has(token.token) ? ' deleting' : ''}`}
              style={place}
              aria-setsize={count}
              aria-posinset={index + 1}
              onFocusIn={() => setFocused(token.token)}
            >
              <TokenRow
                token={token}
                selected={selected.has(token.token)}
                deleting={deleting.has(token.token)}
                {...row}
              />
            </li>
          );
        })}
    </ul>
  );
}

interface Rows extends Window {
  /** Of one row, in CSS pixels; 0 before the first measurement. */
  readonly height: number;
}

/** The rows within the viewport, measured again after each render, scroll and resize. */
function useVisibleRows(list: RefObject<HTMLUListElement | null>, count: number): Rows {
  const [rows, setRows] = useState<Rows>({ first: 0, end: 12, height: 0 });
  const measure = (): void => {
    const element = list.current;
    if (element === null) return;
    // The style sheet sets the row height, which depends on the width and the font size.
    const height = Number.parseFloat(getComputedStyle(element).getPropertyValue('line-height'));
    const { top } = element.getBoundingClientRect();
    const next = visibleRows(top, height, window.innerHeight, count);
    setRows((now) =>
      now.first === next.first && now.end === next.end && now.height === height ? now : { ...next, height },
    );
  };
  const current = useRef(measure);
  current.current = measure;

  useEffect(() => {
    let frame = 0;
    const later = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        current.current();
      });
    };
    const resized = new ResizeObserver(later);
    if (list.current) resized.observe(list.current);
    window.addEventListener('scroll', later, { passive: true });
    window.addEventListener('resize', later);
    return () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
      window.removeEventListener('scroll', later);
      window.removeEventListener('resize', later);
    };
  }, []);
  useLayoutEffect(measure);
  return rows;
}

/** Rows added or removed above the visible ones must not move them. */
function useScrollAnchor(
  list: RefObject<HTMLUListElement | null>,
  items: readonly RegistrationToken[],
  rows: Rows,
): void {
  const anchor = useRef<{ token: string; index: number } | null>(null);
  useLayoutEffect(() => {
    const element = list.current;
    const before = anchor.current;
    if (element !== null && before !== null && rows.height > 0 && element.getBoundingClientRect().top < 0) {
      const index = items.findIndex(({ token }) => token === before.token);
      if (index >= 0 && index !== before.index) window.scrollBy(0, (index - before.index) * rows.height);
    }
  }, [items]);
  useLayoutEffect(() => {
    const top = list.current?.getBoundingClientRect().top ?? 0;
    const index = Math.max(0, Math.ceil(-top / (rows.height || 1)));
    const token = items[index]?.token;
    anchor.current = token === undefined ? null : { token, index };
  });
}
