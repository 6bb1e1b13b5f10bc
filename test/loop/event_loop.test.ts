/**
 * The event loop's own methods, beyond what test/differential/loops compares with asyncio.
 *
 * A loop turns whenever it has work, run or not; close() ends everything of it, from anywhere.
 */

import { deepEqual, equal, notEqual, ok, rejects, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import { native } from '../../src/binding/addon.js';
import {
  EventLoop,
  Future,
  getEventLoop,
  getRunningLoop,
  newEventLoop,
  RuntimeError,
  setEventLoop,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

describe('an event loop', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
  });
  afterEach(() => loop.close());

  it('turns whenever it has work, without being run', async () => {
    equal(loop.isRunning(), false);
    const task = loop.createTask(async () => {
      await sleep(1);
      return 'result';
    });
    equal(await task, 'result');
  });

  it('work that was scheduled behind stop() still runs', async () => {
    const late = new Future<string>({ loop });
    loop.callSoon(() => {
      loop.stop();
      loop.callLater(1, () => late.setResult('late'));
    });
    await loop.runForever();
    equal(await late, 'late');
  });

  it('can be disposed of', () => {
    let inner: EventLoop;
    {
      using scoped = newEventLoop();
      inner = scoped;
      equal(scoped.isClosed(), false);
    }
    equal(inner.isClosed(), true);
  });

  it('can be closed inside one of its callbacks, and no other runs', async () => {
    const ran: string[] = [];
    await new Promise<void>((resolve) => {
      loop.callSoon(() => {
        ran.push('first');
        loop.close();
        resolve();
      });
      loop.callSoon(() => ran.push('second'));
      loop.callLater(0, () => ran.push('timer'));
    });
    for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next));
    deepEqual(ran, ['first']);
    throws(() => getRunningLoop(), RuntimeError);
  });

  it('can be closed by one of its timers', async () => {
    await new Promise<void>((resolve) => {
      loop.callLater(1, () => {
        loop.close();
        resolve();
      });
    });
    equal(loop.isClosed(), true);
  });

  it('can be closed by the task that it drives', async () => {
    let reached = false;
    loop.setExceptionHandler(() => {}); // which hears of the task
    await new Promise<void>((resolve) => {
      loop.createTask(async () => {
        await sleep(0);
        loop.close();
        resolve();
        await new Future({ loop });
        reached = true;
      });
    });
    await new Promise((next) => setImmediate(next));
    equal(reached, false);
  });

  it('closing it many times is closing it once', () => {
    for (let time = 0; time < 3; time++) loop.close();
    equal(loop.isClosed(), true);
  });

  it('a hundred loops open and close', async () => {
    const before = native.openLoops();
    const loops = Array.from({ length: 100 }, () => newEventLoop());
    equal(native.openLoops(), before + 100);
    await Promise.all(loops.map((one) => one.runUntilComplete(async () => await sleep(1))));
    for (const one of loops) one.close();
    for (let turn = 0; turn < 100 && native.openLoops() > before; turn++) {
      await new Promise((next) => setImmediate(next));
    }
    equal(native.openLoops(), before);
  });

  it('cannot be run twice at the same time', async () => {
    const first = loop.runForever();
    await rejects(loop.runForever(), /already running/);
    await rejects(
      loop.runUntilComplete(async () => {}),
      RuntimeError,
    );
    loop.stop();
    await first;
    await loop.runUntilComplete(async () => {});
  });

  it('a future that is done before its run removes its callback', async () => {
    const future = new Future<number>({ loop });
    future.setResult(1);
    equal(await loop.runUntilComplete(future), 1);
    equal(await loop.runUntilComplete(future), 1);
    equal(loop.isRunning(), false);
  });

  it('a stopped run does not stop the next one when its future is done', async () => {
    const future = new Future<number>({ loop });
    loop.callSoon(() => loop.stop());
    await rejects(loop.runUntilComplete(future), /stopped before Future completed/);
    const second = loop.runUntilComplete(async () => {
      future.setResult(1);
      await sleep(2);
      return 'whole';
    });
    equal(await second, 'whole');
  });

  it('shows its state', () => {
    equal(String(loop), '<EventLoop running=false closed=false debug=false>');
    loop.setDebug(true);
    equal(inspect(loop), '<EventLoop running=false closed=false debug=true>');
    loop.close();
    equal(String(loop), '<EventLoop running=false closed=true debug=true>');
  });

  it('metrics() survives JSON and counts turns and callbacks', async () => {
    await loop.runUntilComplete(async () => await sleep(1));
    const metrics = loop.metrics();
    ok(metrics !== undefined);
    deepEqual(JSON.parse(JSON.stringify(metrics)), metrics);
    ok(metrics.turns > 0 && metrics.callbacks.count > 0);
    ok(metrics.callbacks.max >= metrics.callbacks.p50);
    loop.close();
    equal(loop.metrics(), undefined);
  });

  it('debug mode times every callback by itself', async () => {
    const count = async () => {
      const before = loop.metrics()?.callbacks.count ?? 0;
      for (let index = 0; index < 50; index++) loop.callSoon(() => {});
      await new Promise<void>((ran) => loop.callSoon(ran));
      await new Promise((next) => setImmediate(next));
      return (loop.metrics()?.callbacks.count ?? 0) - before;
    };
    ok((await count()) < 50);
    loop.setDebug(true);
    ok((await count()) >= 50);
  });

  it('the default loop is made on first use, and again when it was closed', () => {
    const first = getEventLoop();
    equal(getEventLoop(), first);
    first.close();
    const second = getEventLoop();
    notEqual(second, first);
    second.close();
    setEventLoop(loop);
    equal(getEventLoop(), loop);
    setEventLoop(null);
  });

  it('a new loop is not the default one', () => {
    setEventLoop(loop);
    using other = newEventLoop();
    ok(other instanceof EventLoop);
    equal(getEventLoop(), loop);
    setEventLoop(null);
  });

  it('the running loop is the default one inside its callbacks', async () => {
    const found = await new Promise((resolve) => {
      loop.callSoon(() => resolve([getEventLoop(), getRunningLoop()].every((one) => one === loop)));
    });
    equal(found, true);
  });

  it('two loops take turns', async () => {
    using other = newEventLoop();
    const turns = { mine: 0, other: 0 };
    let going = true;
    const chain = (one: EventLoop, name: 'mine' | 'other') => {
      turns[name]++;
      if (going) one.callSoon(() => chain(one, name));
    };
    chain(loop, 'mine');
    chain(other, 'other');
    while (turns.mine < 1000 || turns.other < 1000) {
      await new Promise((next) => setImmediate(next));
    }
    going = false;
    ok(turns.mine >= 1000 && turns.other >= 1000);
  });
});
