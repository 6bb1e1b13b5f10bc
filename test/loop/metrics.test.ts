/**
 * loop.metrics() above the native counts: queues, tasks, handles, the busy share, resetting and publishing.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import {
  type EventLoop,
  type LoopMetrics,
  newEventLoop,
  Protocol,
  type PublishedMetrics,
  sleep,
} from '../../src/index.js';
import { portOf } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';

describe('what metrics() tells', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
  });
  afterEach(() => loop.close());

  const metrics = () => loop.metrics() as LoopMetrics;

  it('has what is ready, what is to come, and the tasks', async () => {
    const handles = [1, 2, 3].map((word) => loop.callSoon(() => word));
    const timers = [1, 2].map((word) => loop.callLater(60_000, () => word));
    const task = loop.createTask(async () => await sleep(60_000));
    const { ready, timers: pending, tasks } = metrics();
    deepEqual([ready, pending, tasks], [4, 2, 1]);
    timers[0]?.cancel();
    equal(metrics().timers, 1);
    await loop.runUntilComplete(async () => {
      // The timer that is left and the sleep of the task; the task and this one.
      deepEqual([metrics().timers, metrics().tasks], [2, 2]);
    });
    timers[1]?.cancel();
    task.cancel();
    await task.catch(() => {});
    for (const handle of handles) handle.cancel();
    deepEqual([metrics().ready, metrics().timers, metrics().tasks], [0, 0, 0]);
  });

  it('has the open handles by kind', async () => {
    deepEqual(metrics().handles, {});
    const server = await loop.createServer(() => new Protocol(), '127.0.0.1', 0);
    const made = loop.createConnection(() => new Protocol(), '127.0.0.1', portOf(server));
    const [transport] = await loop.runUntilComplete(made);
    while ((metrics().handles.tcp ?? 0) < 3) await new Promise((resolve) => setImmediate(resolve));
    transport.abort();
    server.abortClients();
    server.close();
    await loop.runUntilComplete(server.waitClosed());
    while ('tcp' in metrics().handles) await new Promise((resolve) => setImmediate(resolve));
    deepEqual(metrics().handles, {});
  });

  it('has the share of the time that was spent in turns', async () => {
    await loop.runUntilComplete(async () => {
      const end = performance.now() + 50;
      while (performance.now() < end);
    });
    await new Promise((resolve) => setImmediate(resolve));
    const busy = metrics();
    ok(busy.busy * busy.elapsed >= 50, JSON.stringify(busy));
    ok(busy.busy <= 1);
    // Sleeping is not being busy: the share falls with the time that passes.
    await loop.runUntilComplete(() => sleep(100));
    ok(metrics().busy < busy.busy);
  });

  it('counts anew when it is reset, after it has told what was', async () => {
    await loop.runUntilComplete(() => sleep(2));
    await new Promise((resolve) => setImmediate(resolve));
    const before = loop.metrics({ reset: true }) as LoopMetrics;
    ok(before.callbacks.count > 0 && before.turns > 0 && before.elapsed >= 2);
    const after = metrics();
    deepEqual([after.callbacks.count, after.polls.count, after.turns], [0, 0, 0]);
    ok(after.elapsed < before.elapsed && after.callbacks.max === 0);
  });

  it('is plain data', async () => {
    await loop.runUntilComplete(() => sleep(1));
    const plain = metrics();
    deepEqual(JSON.parse(JSON.stringify(plain)), plain);
  });

  it('is published while somebody listens, until that is stopped', async () => {
    const heard: PublishedMetrics[] = [];
    const listen = (message: unknown) => void heard.push(message as PublishedMetrics);
    const metricsChannel = channel('uvio.metrics');
    loop.publishMetrics(1);
    metricsChannel.subscribe(listen);
    const hold = setInterval(() => {}, 1000);
    try {
      while (heard.length < 2) await new Promise((resolve) => setImmediate(resolve));
      equal(heard[0]?.loop, loop);
      ok((heard[0]?.metrics.elapsed ?? 0) > 0);
      loop.publishMetrics(null);
      const count = heard.length;
      await loop.runUntilComplete(() => sleep(20));
      equal(heard.length, count);
      loop.publishMetrics(1);
      loop.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      equal(heard.length, count);
    } finally {
      clearInterval(hold);
      metricsChannel.unsubscribe(listen);
    }
  });

  it('refuses wrong arguments, and a closed loop has none', () => {
    throws(() => loop.metrics({ reset: 1 as never }), /reset must be a boolean/);
    throws(() => loop.metrics(1 as never), /options must be an object/);
    throws(() => loop.publishMetrics(0), /interval must be from 1/);
    throws(() => loop.publishMetrics('x' as never), /interval must be a number/);
    loop.close();
    equal(loop.metrics(), undefined);
    throws(() => loop.publishMetrics(1), /Event loop is closed/);
  });
});
