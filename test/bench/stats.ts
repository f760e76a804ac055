/** Milliseconds. */
export interface Summary {
  samples: number;
  median: number;
  p95: number;
}

export function summarise(samples: readonly number[]): Summary {
  return { samples: samples.length, median: quantile(samples, 0.5), p95: quantile(samples, 0.95) };
}

/** The smallest sample that at least the share `q` of all samples does not exceed. */
function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}
