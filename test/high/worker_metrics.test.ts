/**
 * supervisor.metrics(): what the loops of all workers have done.
 *
 * Guards: each worker's own are there, the totals are their sums, quantiles are those of the whole, and a worker that is
 * blocked does not hold the answer up.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { DurationBuckets } from '../../src/binding/metrics.js';
import { type MetricsReport, reportOf, totalsOf } from '../../src/high/worker_metrics.js';
import { type LoopMetrics, newEventLoop, type WorkerMetrics } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Client, endAll, portOf, startSupervisor } from './serve_support.js';

function sum(workers: WorkerMetrics[], value: (one: LoopMetrics) => number): number {
  return workers.reduce((total, { metrics }) => total + value(metrics), 0);
}

function bucketsOf(buckets: DurationBuckets): [bound: number, count: number][] {
  return Array.from({ length: buckets.length / 2 }, (_, index) => [
    buckets[2 * index] as number,
    buckets[2 * index + 1] as number,
  ]);
}

describe('the metrics of serve', () => {
  leavesNothingOpen();
  afterEach(endAll);

  it('has each worker and sums', async () => {
    const supervisor = await startSupervisor();
    const clients = [];
    for (let count = 0; count < 10; count++) {
      const client = await Client.connect(portOf(supervisor));
      await client.line();
      equal(await client.ask('hello'), 'hello');
      clients.push(client);
    }
    const { workers, totals } = await supervisor.metrics();
    deepEqual(
      workers.map(({ index, threadId }) => ({ index, threadId })),
      supervisor.workers.map(({ index, threadId }) => ({ index, threadId })),
    );
    for (const value of [
      (one: LoopMetrics) => one.elapsed,
      (one: LoopMetrics) => one.turns,
      (one: LoopMetrics) => one.tasks,
      (one: LoopMetrics) => one.callbacks.count,
      (one: LoopMetrics) => one.polls.total,
      (one: LoopMetrics) => one.handles.tcp ?? 0,
    ]) {
      equal(value(totals), sum(workers, value));
    }
    // Ten connections, and the listening socket of each worker.
    equal(totals.handles.tcp, 12);
    ok(totals.callbacks.count >= 20);
    ok(totals.busy > 0 && totals.busy < 1);
    const longest = workers.map(({ metrics }) => metrics.callbacks.max);
    equal(totals.callbacks.max, Math.max(...longest));
    for (const name of ['p50', 'p90', 'p99', 'p999'] as const) {
      const parts = workers.map(({ metrics }) => metrics.callbacks[name]);
      const whole = totals.callbacks[name];
      ok(
        whole >= Math.min(...parts) && whole <= Math.max(...parts),
        `${name}: ${whole} of ${parts}`,
      );
    }
    deepEqual(JSON.parse(JSON.stringify(totals)), totals);
  });

  it('has the quantiles of all callbacks together, exact to the bucket', async () => {
    const loops = [newEventLoop(), newEventLoop()];
    for (const [index, loop] of loops.entries()) {
      for (let count = 0; count < 100; count++) {
        // The second one's are longer.
        const spin = () => {
          for (const end = performance.now() + index / 10; performance.now() < end; );
        };
        await new Promise<void>((resolve) => {
          loop.callLater(0, () => {
            spin();
            resolve();
          });
        });
      }
    }
    const reports = loops.map((loop) => reportOf(loop) as MetricsReport);
    for (const report of reports) {
      deepEqual(totalsOf([report]).callbacks, report.metrics.callbacks);
      deepEqual(totalsOf([report]).polls, report.metrics.polls);
    }
    const { callbacks } = totalsOf(reports);
    const all = reports.flatMap(({ buckets }) => bucketsOf(buckets.callbacks));
    const upTo = (bound: number) =>
      all.reduce((sum, [end, count]) => sum + (end <= bound ? count : 0), 0);
    const bounds = all.map(([bound]) => bound);
    equal(upTo(Number.POSITIVE_INFINITY), callbacks.count);
    for (const [name, fraction] of [
      ['p50', 0.5],
      ['p90', 0.9],
      ['p99', 0.99],
    ] as const) {
      const quantile = callbacks[name];
      const below = Math.max(0, ...bounds.filter((bound) => bound < quantile));
      ok(upTo(below) < fraction * callbacks.count, name);
      ok(quantile === callbacks.max || upTo(quantile) >= fraction * callbacks.count, name);
    }
    for (const loop of loops) loop.close();
  });

  it('leaves out a worker that is blocked', async () => {
    const supervisor = await startSupervisor();
    const client = await Client.connect(portOf(supervisor));
    const index = Number((await client.line())?.split(' ')[0]);
    // It echoes, and blocks soon after.
    equal(await client.ask('block'), 'block');
    let workers: WorkerMetrics[];
    do ({ workers } = await supervisor.metrics());
    while (workers.length === 2);
    deepEqual(
      workers.map((one) => one.index),
      [1 - index],
    );
  });

  it('is empty when everything has ended', async () => {
    const supervisor = await startSupervisor();
    supervisor.close();
    await supervisor.waitClosed();
    const { workers, totals } = await supervisor.metrics();
    deepEqual(workers, []);
    const none = { count: 0, total: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
    deepEqual([totals.callbacks, totals.polls], [none, none]);
    equal(totals.busy, 0);
  });
});
