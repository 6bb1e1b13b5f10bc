/**
 * supervisor.metrics(): what the loops of all workers have done.
 *
 * Guards: each worker's own are there, the totals are their sums, and a worker that is blocked does not hold the answer up.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { MetricsTotals, WorkerMetrics } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Client, endAll, portOf, startSupervisor } from './serve_support.js';

function sum(workers: WorkerMetrics[], value: (one: MetricsTotals) => number): number {
  return workers.reduce((total, { metrics }) => total + value(metrics), 0);
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
      (one: MetricsTotals) => one.elapsed,
      (one: MetricsTotals) => one.turns,
      (one: MetricsTotals) => one.tasks,
      (one: MetricsTotals) => one.callbacks.count,
      (one: MetricsTotals) => one.polls.total,
      (one: MetricsTotals) => one.handles.tcp ?? 0,
    ]) {
      equal(value(totals), sum(workers, value));
    }
    // Ten connections, and the listening socket of each worker.
    equal(totals.handles.tcp, 12);
    ok(totals.callbacks.count >= 20);
    ok(totals.busy > 0 && totals.busy < 1);
    const longest = workers.map(({ metrics }) => metrics.callbacks.max);
    equal(totals.callbacks.max, Math.max(...longest));
    deepEqual(JSON.parse(JSON.stringify(totals)), totals);
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
    deepEqual(totals.callbacks, { count: 0, total: 0, max: 0 });
    equal(totals.busy, 0);
  });
});
