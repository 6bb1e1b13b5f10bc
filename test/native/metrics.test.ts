/**
 * loop.metrics(): the native accounting of turns, callbacks and polls.
 *
 * Guards the histogram (native/base/histogram.h) through the only door it has: counts grow by what
 * happened, percentiles are ordered and lie within what was measured, a slow callback shows as the
 * maximum, and the result is plain data.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { DurationSummary, EventLoop, LoopMetrics } from 'uvio';
import { Echo, Peer, withLoop, withServer } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function callbacks(loop: EventLoop, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await new Promise<void>((resolve) => loop.callLater(0, resolve));
  }
}

function assertOrdered(summary: DurationSummary): void {
  const { count, total, p50, p90, p99, p999, max } = summary;
  ok(count >= 0 && total >= 0);
  ok(p50 <= p90 && p90 <= p99 && p99 <= p999 && p999 <= max, JSON.stringify(summary));
  ok(max <= total || count === 0, JSON.stringify(summary));
  // Every value is known to 1/32 of itself.
  ok(p50 * Math.floor(count / 2) <= total * (33 / 32) + 1e-6, JSON.stringify(summary));
}

describe('the metrics of a loop', () => {
  leavesNothingOpen();

  it('of a new loop are zeros', () =>
    withLoop(async (loop) => {
      const { callbacks: calls, polls, turns } = loop.metrics() as LoopMetrics;
      const none = { count: 0, total: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
      deepEqual([calls, polls, turns], [none, none, 0]);
    }));

  it('count turns, callbacks and polls, which only grow', () =>
    withLoop(async (loop) => {
      let last = loop.metrics() as LoopMetrics;
      for (let round = 0; round < 10; round++) {
        await callbacks(loop, 20);
        // A busy turn lingers for more to do; only after the host's own iteration is it over.
        await new Promise((resolve) => setImmediate(resolve));
        const next = loop.metrics() as LoopMetrics;
        ok(next.callbacks.count > last.callbacks.count);
        ok(next.callbacks.total > last.callbacks.total);
        ok(next.polls.count > last.polls.count);
        ok(next.turns > last.turns);
        ok(next.callbacks.max >= last.callbacks.max);
        assertOrdered(next.callbacks);
        assertOrdered(next.polls);
        last = next;
      }
    }));

  it('count the events of sockets', () =>
    withServer(
      () => new Echo(),
      async ({ loop, port }) => {
        const peer = await Peer.connect(port);
        const before = loop.metrics() as LoopMetrics;
        for (let index = 0; index < 50; index++) await peer.ask('hello');
        const after = loop.metrics() as LoopMetrics;
        ok(after.callbacks.count - before.callbacks.count >= 50);
        ok(after.turns - before.turns >= 50);
        await peer.close();
      },
    ));

  it('a callback that is busy for 30 ms is the maximum, and polls are not charged for it', () =>
    withLoop(async (loop) => {
      await callbacks(loop, 300);
      const before = loop.metrics() as LoopMetrics;
      await new Promise<void>((resolve) =>
        loop.callSoon(() => {
          block(30);
          // A call is recorded when it is over, and promise reactions are part of it.
          setImmediate(resolve);
        }),
      );
      const { callbacks: calls, polls } = loop.metrics() as LoopMetrics;
      ok(calls.max >= 30, `max ${calls.max}`);
      ok(calls.total - before.callbacks.total >= 30);
      ok(calls.p50 < 30 && calls.p90 < 30, JSON.stringify(calls));
      assertOrdered(calls);
      assertOrdered(polls);
    }));

  it('a protocol that is busy for 30 ms is a callback of 30 ms, not a poll', () => {
    class Busy extends Echo {
      override dataReceived(data: Buffer): void {
        block(30);
        super.dataReceived(data);
      }
    }
    return withServer(
      () => new Busy(),
      async ({ loop, port }) => {
        const peer = await Peer.connect(port);
        const before = loop.metrics() as LoopMetrics;
        await peer.ask('hello');
        const after = loop.metrics() as LoopMetrics;
        ok(after.callbacks.max >= 30);
        const inPolls = after.polls.total - before.polls.total;
        const inCallbacks = after.callbacks.total - before.callbacks.total;
        ok(inCallbacks >= 30 && inPolls < inCallbacks, `${inPolls} in polls`);
        await peer.close();
      },
    );
  });

  it('of half slow and half fast callbacks have percentiles on both sides', () =>
    withLoop(async (loop) => {
      for (let index = 0; index < 20; index++) {
        await new Promise<void>((resolve) =>
          loop.callLater(0, () => {
            if (index % 10 === 0) block(4);
            resolve();
          }),
        );
      }
      const { callbacks: calls } = loop.metrics() as LoopMetrics;
      ok(calls.p999 >= 4 && calls.p50 < 4, JSON.stringify(calls));
      assertOrdered(calls);
    }));

  it('survive JSON, and are undefined once the loop is closed', async () => {
    const closed = await withLoop(async (loop) => {
      await callbacks(loop, 3);
      const metrics = loop.metrics();
      deepEqual(JSON.parse(JSON.stringify(metrics)), metrics);
      return loop;
    });
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    equal(closed.metrics(), undefined);
  });
});
