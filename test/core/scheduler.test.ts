/**
 * The scheduler by itself: fairness towards Node, many timers, its clock.
 *
 * Order against asyncio is in test/differential. Here: neither loop starves the other, the heap lets
 * go of cancelled timers, and time() is one clock for all threads of the process.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type EventLoop, Future, newEventLoop, type TimerHandle } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const LIBRARY = new URL('../../src/index.js', import.meta.url).href;

describe('the scheduler', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
  });
  afterEach(() => loop.close());

  /** Keeps the loop busy with a chain of callbacks until `stop` is called; counts the links. */
  function chain(): { links: number; stop: () => void } {
    const state = { links: 0, stop: () => {} };
    let going = true;
    const link = () => {
      state.links++;
      if (going) loop.callSoon(link);
    };
    state.stop = () => {
      going = false;
    };
    loop.callSoon(link);
    return state;
  }

  it('a chain of callbacks does not starve setTimeout', async () => {
    const busy = chain();
    for (let count = 0; count < 5; count++) await new Promise((fire) => setTimeout(fire, 1));
    ok(busy.links > 5, `${busy.links} links`);
    busy.stop();
  });

  it('a chain of callbacks does not starve setImmediate', async () => {
    const busy = chain();
    for (let count = 0; count < 50; count++) await new Promise((fire) => setImmediate(fire));
    ok(busy.links > 5, `${busy.links} links`);
    busy.stop();
  });

  it("a chain of callbacks does not starve the loop's own timers", async () => {
    const busy = chain();
    await new Promise<void>((fire) => loop.callLater(2, fire));
    ok(busy.links > 0);
    busy.stop();
  });

  it('a chain of setImmediate does not starve the loop', async () => {
    let going = true;
    const again = () => {
      if (going) setImmediate(again);
    };
    again();
    for (let count = 0; count < 20; count++) await new Promise<void>((ran) => loop.callSoon(ran));
    await new Promise<void>((fire) => loop.callLater(2, fire));
    going = false;
  });

  it('a chain of process.nextTick in callbacks gives way to the next batch', async () => {
    const order: string[] = [];
    loop.callSoon(() => {
      process.nextTick(() => order.push('tick'));
      Promise.resolve().then(() => order.push('microtask'));
      order.push('callback');
    });
    await new Promise<void>((ran) => loop.callSoon(() => loop.callSoon(ran)));
    deepEqual([...order].sort(), ['callback', 'microtask', 'tick']);
    equal(order[0], 'callback');
  });

  it('100,000 timers fire in the order of their times', async () => {
    const count = 100_000;
    const now = loop.time();
    let previous = Number.NEGATIVE_INFINITY;
    let fired = 0;
    let disorder = 0;
    const all = new Future<void>({ loop });
    const fire = (when: number) => {
      if (when < previous) disorder++;
      previous = when;
      if (++fired === count) all.setResult();
    };
    for (let index = 0; index < count; index++) {
      const when = now + ((index * 7919) % 1000) / 10;
      loop.callAt(when, fire, when);
    }
    await loop.runUntilComplete(all);
    equal(disorder, 0);
  });

  it('timers of one time fire in the order of their making, however many', async () => {
    const when = loop.time() + 1;
    const order: number[] = [];
    for (let index = 0; index < 500; index++) loop.callAt(when, () => order.push(index));
    await new Promise<void>((fire) => loop.callAt(when + 1, fire));
    deepEqual(
      order,
      order.map((_, index) => index),
    );
    equal(order.length, 500);
  });

  it('cancelled timers leave the heap and let go of their callbacks', async () => {
    const released: WeakRef<object>[] = [];
    const kept: TimerHandle[] = [];
    (() => {
      for (let index = 0; index < 1000; index++) {
        const payload = { index };
        released.push(new WeakRef(payload));
        const timer = loop.callLater(1_000_000, (held: object) => held, payload);
        kept.push(timer);
        timer.cancel();
      }
    })();
    await new Promise((turn) => setImmediate(turn));
    globalThis.gc?.();
    await new Promise((turn) => setImmediate(turn));
    globalThis.gc?.();
    const left = released.filter((one) => one.deref() !== undefined).length;
    ok(left <= 1, `${left} payloads are left`);
    equal(kept.length, 1000);
  });

  it('cancelled timers themselves are collected when they are many', async () => {
    const timers: WeakRef<TimerHandle>[] = [];
    const first = loop.callLater(500_000, () => {});
    (() => {
      for (let index = 0; index < 1000; index++) {
        const timer = loop.callLater(1_000_000, () => {});
        timers.push(new WeakRef(timer));
        timer.cancel();
      }
    })();
    await new Promise((turn) => setImmediate(turn));
    globalThis.gc?.();
    await new Promise((turn) => setImmediate(turn));
    globalThis.gc?.();
    const left = timers.filter((one) => one.deref() !== undefined).length;
    ok(left <= 200, `${left} timers are left`);
    first.cancel();
  });

  it('cancelling every other timer leaves the rest in order', async () => {
    const order: number[] = [];
    const now = loop.time();
    const timers = Array.from({ length: 2000 }, (_, index) =>
      loop.callAt(now + (index % 50) / 10, () => order.push(index % 50)),
    );
    timers.forEach((timer, index) => {
      if (index % 4 !== 0) timer.cancel();
    });
    await new Promise<void>((fire) => loop.callAt(now + 6, fire));
    equal(order.length, 500);
    deepEqual(
      order,
      [...order].sort((left, right) => left - right),
    );
  });

  it('an infinite delay never fires, and is cancelled like any other', async () => {
    const timer = loop.callLater(Number.POSITIVE_INFINITY, () => ok(false));
    equal(timer.when(), Number.POSITIVE_INFINITY);
    await new Promise<void>((fire) => loop.callLater(1, fire));
    timer.cancel();
  });

  it('time() goes forward in fractions of a millisecond', () => {
    const times = Array.from({ length: 1000 }, () => loop.time());
    ok(times.every((time, index) => index === 0 || time >= (times[index - 1] as number)));
    ok(times.some((time) => time !== Math.floor(time)));
  });

  it('time() is the clock of the operating system, in milliseconds', () => {
    const before = Number(process.hrtime.bigint()) / 1e6;
    const time = loop.time();
    const after = Number(process.hrtime.bigint()) / 1e6;
    ok(time >= before - 0.1 && time <= after + 0.1, `${before} ${time} ${after}`);
  });

  it('time() of a loop in a worker is the same clock', async () => {
    const source = `
      import { parentPort } from 'node:worker_threads';
      import { newEventLoop } from ${JSON.stringify(LIBRARY)};
      const loop = newEventLoop();
      parentPort.on('message', () => { parentPort.postMessage(loop.time()); loop.close(); parentPort.close(); });
      parentPort.postMessage('ready');`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    // The last message and the end may come in one tick.
    const exited = once(worker, 'exit');
    await once(worker, 'message');
    const before = loop.time();
    worker.postMessage('ask');
    const [there] = (await once(worker, 'message')) as [number];
    const after = loop.time();
    ok(there >= before - 0.1 && there <= after + 0.1, `${before} ${there} ${after}`);
    await exited;
  });

  it('handles show what they call', () => {
    const handle = loop.callSoon(function work() {});
    equal(String(handle), '<Handle work()>');
    handle.cancel();
    equal(String(handle), '<Handle cancelled>');
    const timer = loop.callLater(5, function later() {});
    ok(/^<TimerHandle .*later\(\)/.test(String(timer)), String(timer));
    timer.cancel();
  });
});
