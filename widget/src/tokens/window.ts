// Computes which rows of a long list to render. All rows have the same height.

export interface Window {
  /** Index of the first row. */
  first: number;
  /** Index after the last row. */
  end: number;
}

/**
 * @param listTop top of the list relative to the top of what is visible; negative once it is scrolled past (px)
 * @param rowHeight px
 * @param viewHeight px
 */
export function visibleRows(
  listTop: number,
  rowHeight: number,
  viewHeight: number,
  count: number,
  spare = 6,
): Window {
  if (count <= 0 || rowHeight <= 0) return { first: 0, end: 0 };
  const top = Math.floor(-listTop / rowHeight);
  const bottom = Math.ceil((viewHeight - listTop) / rowHeight);
  const first = Math.min(Math.max(0, top - spare), count);
  return { first, end: Math.max(first, Math.min(count, Math.max(0, bottom) + spare)) };
}
