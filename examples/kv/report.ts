/*
 * The table of the comparison. Invariant: a figure is the median of its rounds, and a ratio is that
 * of the two figures beside it.
 */

import type { LoadResult } from './driver.js';

export interface Sample extends LoadResult {
  /** Microseconds of the server's CPU time. */
  cpuPerRequest: number;
}

const ROWS = [
  { label: 'requests/s', figure: (sample: Sample) => sample.perSecond, digits: 0 },
  { label: 'p50 ms', figure: (sample: Sample) => sample.p50, digits: 3 },
  { label: 'p99 ms', figure: (sample: Sample) => sample.p99, digits: 3 },
  { label: 'server CPU µs/request', figure: (sample: Sample) => sample.cpuPerRequest, digits: 2 },
];

/** Prints one load's figures for both servers and their ratio. */
export function printTable(
  title: string,
  names: readonly [string, string],
  samples: readonly [readonly Sample[], readonly Sample[]],
): void {
  console.log(`\n${line(title, names[0], names[1], `${names[0]} / ${names[1]}`)}`);
  for (const { label, figure, digits } of ROWS) {
    const [left, right] = samples.map((list) => median(list.map(figure))) as [number, number];
    const show = (value: number) =>
      value.toLocaleString('en-US', {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
    console.log(line(`  ${label}`, show(left), show(right), (left / right).toFixed(2)));
  }
}

/** The middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function line(label: string, left: string, right: string, ratio: string): string {
  return label.padEnd(24) + left.padStart(12) + right.padStart(12) + ratio.padStart(18);
}
