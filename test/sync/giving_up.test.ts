/**
 * `{signal}` of everything that waits for a lock or a queue: before, during, too late, and in the very
 * moment in which the waiting is over. Then bad options, and loops that do not fit.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  type AbortOptions,
  Barrier,
  Condition,
  Event,
  type Future,
  Lock,
  newEventLoop,
  Queue,
  Semaphore,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { failure, loopForEachTest, turns } from './stage.js';

interface Waiting {
  /** Waits until `wake` is called. */
  wait(options?: AbortOptions): Future<unknown>;
  wake(): void;
  /** What can be seen from outside. */
  shown(): string;
}

const WAITINGS: Record<string, () => Promise<Waiting>> = {
  'Lock.acquire()': async () => {
    const lock = new Lock();
    await lock.acquire();
    return {
      wait: (options) => lock.acquire(options),
      wake: () => lock.release(),
      shown: () => String(lock),
    };
  },
  'Semaphore.acquire()': async () => {
    const semaphore = new Semaphore(0);
    return {
      wait: (options) => semaphore.acquire(options),
      wake: () => semaphore.release(),
      shown: () => String(semaphore),
    };
  },
  'Event.wait()': async () => {
    const event = new Event();
    return {
      wait: (options) => event.wait(options),
      wake: () => {
        event.set();
        event.clear();
      },
      shown: () => String(event),
    };
  },
  'Queue.get()': async () => {
    const queue = new Queue<number>();
    return {
      wait: (options) => queue.get(options),
      wake: () => queue.putNowait(1),
      shown: () => String(queue).replace(/ tasks=\d+/, ''),
    };
  },
  'Queue.put()': async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(0);
    return {
      wait: (options) => queue.put(1, options),
      wake: () => void queue.getNowait(),
      shown: () => String(queue).replace(/ tasks=\d+/, ''),
    };
  },
};

describe('{signal} of locks and queues', () => {
  leavesNothingOpen();
  const loop = loopForEachTest();

  for (const [name, make] of Object.entries(WAITINGS)) {
    it(`${name} is given up while it waits`, async () => {
      const { wait, shown } = await make();
      const before = shown();
      const controller = new AbortController();
      const future = wait({ signal: controller.signal });
      await turns();
      controller.abort(new Error('enough'));
      const error = await failure(future);
      deepEqual([error.name, error.message, shown()], ['CancelledError', 'enough', before]);
    });

    it(`${name} does nothing when the signal has aborted before`, async () => {
      const { wait, wake, shown } = await make();
      wake();
      const before = shown();
      const future = wait({ signal: AbortSignal.abort(new Error('no')) });
      ok(future.cancelled());
      equal((await failure(future)).message, 'no');
      await turns();
      equal(shown(), before);
    });

    it(`${name} that is given up as it is woken wakes the next`, async () => {
      const { wait, wake } = await make();
      const controller = new AbortController();
      const first = wait({ signal: controller.signal });
      const second = wait();
      await turns();
      wake();
      controller.abort(new Error('late'));
      await rejects(async () => await first, { name: 'CancelledError', message: 'late' });
      // An event has woken both; of the others somebody must have got what the first did not take.
      await second;
    });

    it(`${name} is not undone by a signal that comes too late`, async () => {
      const { wait, wake } = await make();
      const controller = new AbortController();
      const future = wait({ signal: controller.signal });
      await turns();
      wake();
      await turns();
      controller.abort();
      ok(future.done() && !future.cancelled());
      await future;
    });

    it(`${name}: ten thousand give up, and the last one still gets its turn`, async () => {
      const { wait, wake } = await make();
      const futures = Array.from({ length: 10_000 }, () => wait());
      const last = wait();
      await turns();
      for (const future of futures) future.cancel();
      wake();
      await last;
      ok(futures.every((future) => future.cancelled()));
    }).timeout(10_000);
  }

  it('Condition.wait() has the lock again when it is given up', async () => {
    const condition = new Condition();
    await condition.acquire();
    const controller = new AbortController();
    const waiting = condition.wait({ signal: controller.signal });
    const other = await condition.acquire();
    controller.abort(new Error('enough'));
    await turns(3);
    equal(waiting.done(), false);
    other[Symbol.dispose]();
    await rejects(async () => await waiting, { message: 'enough' });
    equal(String(condition), '<Condition [locked]>');
  });

  it('Condition.waitFor() and Queue.join() are given up', async () => {
    const condition = new Condition();
    await condition.acquire();
    const queue = new Queue<number>();
    queue.putNowait(1);
    const controller = new AbortController();
    const waits = [
      condition.waitFor(() => false, { signal: controller.signal }),
      queue.join({ signal: controller.signal }),
    ];
    await turns();
    controller.abort(new Error('enough'));
    for (const wait of waits) equal((await failure(wait)).message, 'enough');
    equal(condition.locked(), true);
  });

  it('Barrier.wait() that is given up leaves its place to another', async () => {
    const barrier = new Barrier(2);
    const controller = new AbortController();
    const first = barrier.wait({ signal: controller.signal });
    await turns();
    controller.abort();
    equal((await failure(first)).name, 'CancelledError');
    equal(barrier.nWaiting, 0);
    deepEqual(await Promise.all([barrier.wait(), barrier.wait()]), [0, 1]);
  });

  it('bad options are refused before anything happens', async () => {
    const lock = new Lock();
    const semaphore = new Semaphore();
    const queue = new Queue<number>();
    const calls: ((options: never) => unknown)[] = [
      (options) => lock.acquire(options),
      (options) => lock.run(() => {}, options),
      (options) => semaphore.acquire(options),
      (options) => new Event().wait(options),
      (options) => new Condition().wait(options),
      (options) => new Condition().waitFor(() => true, options),
      (options) => new Barrier(1).wait(options),
      (options) => queue.put(1, options),
      (options) => queue.get(options),
      (options) => queue.join(options),
    ];
    for (const call of calls) {
      throws(() => call(5 as never), /^TypeError.*: options must be an object, got 5$/);
      throws(
        () => call({ signal: { aborted: true } } as never),
        /^TypeError.*: signal must be an AbortSignal, got \{ aborted: true \}$/,
      );
    }
    deepEqual([lock.locked(), semaphore.locked(), queue.qsize()], [false, false, 0]);
  });

  it('what somebody waits for is bound to the loop', async () => {
    const foreign = /^<\w+ .*> is bound to a different event loop$/;
    const lock = new Lock();
    const semaphore = new Semaphore(0);
    const event = new Event();
    const queue = new Queue<number>();
    const calls: (() => Future<unknown>)[] = [
      () => lock.acquire(),
      () => semaphore.acquire(),
      () => event.wait(),
      () => queue.get(),
    ];
    await lock.acquire();
    const waiting = calls.map((call) => call());
    using other = newEventLoop();
    for (const call of calls) {
      await rejects(other.runUntilComplete(call), { name: 'RuntimeError', message: foreign });
    }
    await rejects(
      other.runUntilComplete(() => lock.acquire()),
      {
        message: '<Lock [locked, waiters:1]> is bound to a different event loop',
      },
    );
    lock.release();
    semaphore.release();
    event.set();
    queue.putNowait(1);
    await Promise.all(waiting);
    equal(waiting[0]?.getLoop(), loop());
    // What needs no waiting works on any loop.
    lock.release();
    await other.runUntilComplete(() => lock.acquire());
    equal(lock.locked(), true);
  });
});
