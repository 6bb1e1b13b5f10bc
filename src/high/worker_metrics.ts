/**
 * What the loops of several workers have done, one by one and together: supervisor.metrics().
 *
 * Plain data that survives JSON. The quantiles of a whole cannot be told from those of its parts: workers report what
 * theirs are taken from as well. Invariant: so they are as exact for all together as for each.
 */

import type { DurationBuckets, DurationSummary, NativeBuckets } from '../binding/metrics.js';
import type { EventLoop } from '../loop/event_loop.js';
import type { LoopMetrics } from '../loop/metrics.js';
import { wait } from '../sync/waiting.js';
import type { ServingThread } from './serving_thread.js';

/** The metrics of one worker. */
export interface WorkerMetrics {
  /** Its place, from 0. */
  index: number;
  /** Its thread. */
  threadId: number;
  /** What loop.metrics() says there. */
  metrics: LoopMetrics;
}

/** What Supervisor.metrics() gives. */
export interface SupervisorMetrics {
  /** Of each that answered. */
  workers: WorkerMetrics[];
  /**
   * Of all of them: sums, the longest, and quantiles as of one loop that has done all of it. `elapsed` counts every
   * loop's milliseconds, of which `busy` is the share that was spent in turns.
   */
  totals: LoopMetrics;
}

/** What a worker answers: its metrics, and what its quantiles are taken from. */
export interface MetricsReport {
  metrics: LoopMetrics;
  buckets: NativeBuckets;
}

/** Undefined when the loop is closed. */
export function reportOf(loop: EventLoop): MetricsReport | undefined {
  const [metrics, buckets] = [loop.metrics(), loop._reactor.wrap.buckets()];
  return metrics && buckets && { metrics, buckets };
}

// How long a worker may be blocked that is still counted, in milliseconds.
const PATIENCE = 1000;

export async function metricsOf(threads: readonly ServingThread[]): Promise<SupervisorMetrics> {
  const asked = threads.map((thread) => ({ thread, answer: thread.metrics() }));
  const answers = asked.map(({ answer }) => answer);
  if (answers.length > 0) await wait(answers, { timeout: PATIENCE });
  const workers: WorkerMetrics[] = [];
  const reports: MetricsReport[] = [];
  for (const { thread, answer } of asked) {
    const report = answer.done() ? answer.result() : undefined;
    answer.cancel();
    if (report === undefined) continue;
    workers.push({ ...thread.place, metrics: report.metrics });
    reports.push(report);
  }
  return { workers, totals: totalsOf(reports) };
}

/** What one loop would have counted that has done all of it. */
export function totalsOf(reports: readonly MetricsReport[]): LoopMetrics {
  const sum = (value: (metrics: LoopMetrics) => number) =>
    reports.reduce((total, { metrics }) => total + value(metrics), 0);
  const durations = (kind: 'callbacks' | 'polls'): DurationSummary => {
    const count = sum((metrics) => metrics[kind].count);
    const max = Math.max(0, ...reports.map(({ metrics }) => metrics[kind].max));
    const buckets = mergedBuckets(reports.map((report) => report.buckets[kind]));
    const quantile = (fraction: number) => quantileOf(buckets, Math.ceil(fraction * count), max);
    const [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map(quantile) as Quantiles;
    return { count, total: sum((metrics) => metrics[kind].total), p50, p90, p99, p999, max };
  };
  const elapsed = sum((metrics) => metrics.elapsed);
  const handles: Record<string, number> = {};
  for (const { metrics } of reports) {
    for (const [kind, count] of Object.entries(metrics.handles)) {
      handles[kind] = (handles[kind] ?? 0) + count;
    }
  }
  return {
    elapsed,
    busy: elapsed > 0 ? sum((metrics) => metrics.busy * metrics.elapsed) / elapsed : 0,
    turns: sum((metrics) => metrics.turns),
    callbacks: durations('callbacks'),
    polls: durations('polls'),
    ready: sum((metrics) => metrics.ready),
    timers: sum((metrics) => metrics.timers),
    tasks: sum((metrics) => metrics.tasks),
    handles,
  };
}

type Quantiles = [p50: number, p90: number, p99: number, p999: number];
type Bucket = [bound: number, count: number];

/** Every histogram has the same bounds: the smallest first. */
function mergedBuckets(all: readonly DurationBuckets[]): Bucket[] {
  const counts = new Map<number, number>();
  for (const buckets of all) {
    for (let index = 0; index < buckets.length; index += 2) {
      const [bound, count] = buckets.slice(index, index + 2) as Bucket;
      counts.set(bound, (counts.get(bound) ?? 0) + count);
    }
  }
  return [...counts].sort(([a], [b]) => a - b);
}

/** The bound below which so many are, as Histogram::Percentile() has it. */
function quantileOf(buckets: readonly Bucket[], rank: number, max: number): number {
  let seen = 0;
  for (const [bound, count] of buckets) {
    seen += count;
    if (seen >= rank) return Math.min(bound, max);
  }
  return max;
}
