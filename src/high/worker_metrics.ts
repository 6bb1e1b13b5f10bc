/**
 * What the loops of several workers have done, one by one and together: supervisor.metrics().
 *
 * Plain data that survives JSON. Invariant: what is said of all together can be told from the parts: sums, and greatest
 * ones. The percentiles of a whole cannot, so it has none.
 */

import type { DurationSummary } from '../binding/metrics.js';
import type { LoopMetrics } from '../loop/metrics.js';
import { wait } from '../sync/waiting.js';
import type { ServingThread } from './serving_thread.js';

export interface WorkerMetrics {
  index: number;
  threadId: number;
  metrics: LoopMetrics;
}

export type DurationTotals = Pick<DurationSummary, 'count' | 'total' | 'max'>;

/** Sums over the workers, but for `busy` and the two `max`. */
export interface MetricsTotals extends Omit<LoopMetrics, 'callbacks' | 'polls'> {
  /** The share of `elapsed`, which counts every loop's milliseconds, that was spent in turns. */
  busy: number;
  callbacks: DurationTotals;
  polls: DurationTotals;
}

export interface SupervisorMetrics {
  workers: WorkerMetrics[];
  totals: MetricsTotals;
}

// How long a worker may be blocked that is still counted, in milliseconds.
const PATIENCE = 1000;

export async function metricsOf(threads: readonly ServingThread[]): Promise<SupervisorMetrics> {
  const asked = threads.map((thread) => ({ thread, answer: thread.metrics() }));
  const answers = asked.map(({ answer }) => answer);
  if (answers.length > 0) await wait(answers, { timeout: PATIENCE });
  const workers: WorkerMetrics[] = [];
  for (const { thread, answer } of asked) {
    const metrics = answer.done() ? answer.result() : undefined;
    answer.cancel();
    if (metrics !== undefined) workers.push({ ...thread.place, metrics });
  }
  return { workers, totals: totalsOf(workers.map(({ metrics }) => metrics)) };
}

function totalsOf(all: readonly LoopMetrics[]): MetricsTotals {
  const sum = (value: (metrics: LoopMetrics) => number) =>
    all.reduce((total, metrics) => total + value(metrics), 0);
  const durations = (kind: 'callbacks' | 'polls'): DurationTotals => ({
    count: sum((metrics) => metrics[kind].count),
    total: sum((metrics) => metrics[kind].total),
    max: Math.max(0, ...all.map((metrics) => metrics[kind].max)),
  });
  const elapsed = sum((metrics) => metrics.elapsed);
  const handles: Record<string, number> = {};
  for (const metrics of all) {
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
