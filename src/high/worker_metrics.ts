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

/** The metrics of one worker. */
export interface WorkerMetrics {
  /** Its place, from 0. */
  index: number;
  /** Its thread. */
  threadId: number;
  /** What loop.metrics() says there. */
  metrics: LoopMetrics;
}

/** Counts and sums that can be added up; quantiles cannot. */
export type DurationTotals = Pick<DurationSummary, 'count' | 'total' | 'max'>;

/** Sums over the workers, but for `busy` and the two `max`. */
export interface MetricsTotals extends Omit<LoopMetrics, 'callbacks' | 'polls'> {
  /** The share of `elapsed`, which counts every loop's milliseconds, that was spent in turns. */
  busy: number;
  /** Of all workers. */
  callbacks: DurationTotals;
  /** Of all workers. */
  polls: DurationTotals;
}

/** What Supervisor.metrics() gives. */
export interface SupervisorMetrics {
  /** Of each that answered. */
  workers: WorkerMetrics[];
  /** Of all of them. */
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
