/**
 * VirtualClockLoop: when the clock jumps, how far, and when it must not.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { createTask, type EventLoop, gather, getRunningLoop, run, sleep } from '../../src/index.js';
import { VirtualClockLoop, type VirtualClockOptions } from '../../src/testing/index.js';
import { leavesNothingOpen } from '../support.js';
import { block } from './block.js';

const HOUR = 3_600_000;
/** What a busy machine may take for work that takes no time. */
const SOON = 5000;

function runVirtual<T>(
  main: (loop: VirtualClockLoop) => Promise<T>,
  options?: VirtualClockOptions,
): Promise<T> {
  return run(() => main(getRunningLoop() as VirtualClockLoop), {
    loopFactory: () => new VirtualClockLoop(options),
  });
}

describe('VirtualClockLoop', () => {
  leavesNothingOpen();

  it('a day of sleeps is over in an instant', async () => {
    const started = performance.now();
    const end = await runVirtual(async (loop) => {
      for (let hour = 0; hour < 24; hour++) await sleep(HOUR);
      return loop.time();
    });
    equal(end, 24 * HOUR);
    ok(performance.now() - started < SOON);
  });

  it('time stands still while callbacks run and while anything is ready', () =>
    runVirtual(async (loop) => {
      const times: number[] = [];
      loop.callLater(1, () => times.push(-1));
      for (let step = 0; step < 100; step++) {
        await sleep(0);
        times.push(loop.time());
      }
      deepEqual(times, Array(100).fill(0));
    }));

  it('timers run in their order, each at exactly its time', () =>
    runVirtual(async (loop) => {
      const seen: [string, number][] = [];
      const see = (name: string) => seen.push([name, loop.time()]);
      loop.callLater(2, see, 'c');
      loop.callLater(1, see, 'a');
      loop.callLater(0.1 + 0.2, see, 'fraction');
      loop.callLater(1, see, 'b');
      loop.callLater(0, see, 'at once');
      loop.callLater(1.0001, see, 'a little later');
      await sleep(10);
      deepEqual(seen, [
        ['at once', 0],
        ['fraction', 0.1 + 0.2],
        ['a', 1],
        ['b', 1],
        ['a little later', 1.0001],
        ['c', 2],
      ]);
      equal(loop.time(), 10);
    }));

  it('a timer made by a timer counts from there', () =>
    runVirtual(async (loop) => {
      const times: number[] = [];
      const again = () => {
        times.push(loop.time());
        if (times.length < 4) loop.callLater(7, again);
      };
      loop.callLater(7, again);
      await sleep(HOUR);
      deepEqual(times, [7, 14, 21, 28]);
    }));

  it('it does not go to a cancelled timer', () =>
    runVirtual(async (loop) => {
      const cancelled = loop.callLater(5, () => ok(false));
      const late = createTask(() => sleep(6));
      await sleep(1);
      cancelled.cancel();
      late.cancel();
      await sleep(9);
      equal(loop.time(), 10);
    }));

  it('tasks that sleep meet as they would on a real clock', () =>
    runVirtual(async (loop) => {
      const seen: string[] = [];
      const ticks = async (name: string, period: number) => {
        for (let tick = 0; tick < 3; tick++) {
          await sleep(period);
          seen.push(`${name} ${loop.time()}`);
        }
      };
      await gather([createTask(() => ticks('a', 20)), createTask(() => ticks('b', 30))]);
      deepEqual(seen, ['a 20', 'b 30', 'a 40', 'b 60', 'a 60', 'b 90']);
    }));

  it('it begins where it is told to', () =>
    runVirtual(
      async (loop) => {
        equal(loop.time(), 1000.5);
        await sleep(2);
        equal(loop.time(), 1002.5);
      },
      { startTime: 1000.5 },
    ));

  it('advance() works off all timers that it passes, in one batch', () =>
    runVirtual(async (loop) => {
      const seen: [string, number][] = [];
      for (const [name, delay] of [
        ['b', 20],
        ['a', 10],
        ['later', 60],
      ] as const) {
        loop.callLater(delay, () => seen.push([name, loop.time()]));
      }
      loop.advance(50);
      equal(loop.time(), 50);
      await sleep(0); // goes on at the head of that batch
      await sleep(0);
      deepEqual(seen, [
        ['a', 50],
        ['b', 50],
      ]);
      await sleep(10);
      deepEqual(seen[2], ['later', 60]);
    }));

  it('advance() from outside wakes the loop', async () => {
    using loop = new VirtualClockLoop({ idle: 1_000_000 });
    const due = new Promise<number>((resolve) => {
      loop.callLater(HOUR, () => resolve(loop.time()));
    });
    setImmediate(() => loop.advance(HOUR + 1));
    equal(await due, HOUR + 1);
  });

  it('a program that never rests does not move the clock', async () => {
    using loop = new VirtualClockLoop();
    let links = 0;
    await new Promise<void>((end) => {
      loop.callLater(1, () => ok(false));
      const chain = () => (links++ < 20_000 ? loop.callSoon(chain) : end());
      chain();
    });
    equal(loop.time(), 0);
    loop.close();
  });

  it('a timer made from outside, just before a jump, is not passed', async () => {
    using loop = new VirtualClockLoop({ idle: 10 });
    const times: number[] = [];
    const see = () => times.push(loop.time());
    loop.callLater(1, () => {
      loop.callLater(HOUR, see);
      setImmediate(() => {
        block(20); // the quiet is over by now
        loop.callLater(10, see);
        loop.callSoon(see);
      });
    });
    await new Promise<void>((end) => loop.callLater(HOUR + 2, end));
    deepEqual(times, [1, 11, HOUR + 1]);
  });

  it('rests when its timers are over', async () => {
    using loop = new VirtualClockLoop();
    await new Promise<void>((resolve) => loop.callLater(5, resolve));
    // Behind the turn in which the timer ran.
    await new Promise((turn) => setTimeout(turn, 1));
    const turns = loop.metrics()?.turns;
    ok(turns !== undefined);
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
    equal(loop.metrics()?.turns, turns);
  });

  it('refuses wrong times at the call', async () => {
    throws(() => new VirtualClockLoop({ startTime: '0' as never }), /startTime must be a number/);
    throws(() => new VirtualClockLoop({ startTime: -1 }), /startTime must be a finite number/);
    throws(() => new VirtualClockLoop({ idle: Number.POSITIVE_INFINITY }), /idle must be a finite/);
    throws(() => new VirtualClockLoop(5 as never), /options must be an object/);
    const loop = new VirtualClockLoop();
    throws(() => loop.advance(-1), /milliseconds must be a finite number/);
    loop.close();
    throws(() => loop.advance(1), /Event loop is closed/);
  });

  it('a failing main closes it', async () => {
    let loop: EventLoop | undefined;
    const main = async (own: EventLoop) => {
      loop = own;
      createTask(() => sleep(HOUR));
      await sleep(HOUR);
      throw new RangeError('main');
    };
    await rejects(runVirtual(main), RangeError);
    ok(loop?.isClosed());
  });
});
