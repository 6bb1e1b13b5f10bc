/**
 * Semaphore and BoundedSemaphore against CPython: permits, fairness, cancellation.
 *
 * Each test is the twin of the function of that name in scenarios/semaphores.py; what newer
 * Pythons do otherwise is written down.
 */

import { BoundedSemaphore, Semaphore, sleep, type Task } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { theme } from './stage.js';
import { newerScene, scenesOf, state, turns } from './workers.js';

describe('Semaphore, as in asyncio', () => {
  leavesNothingOpen();
  const same = scenesOf(theme('semaphores'));

  same('permits go out in the order of asking', 'acquire', async ({ log }, { start }) => {
    const semaphore = new Semaphore(3);
    await semaphore.acquire();
    await semaphore.acquire();
    log(state(semaphore));
    for (const name of '1234') start(name, () => semaphore.acquire());
    await turns();
    log(state(semaphore));
    semaphore.release();
    semaphore.release();
    log(state(semaphore), semaphore.locked());
    await turns();
    log(state(semaphore));
    semaphore.release();
    await turns();
    log(state(semaphore));
    for (let count = 0; count < 4; count++) semaphore.release();
    log(state(semaphore));
  });

  same('acquiring can be cancelled', 'acquire_cancel', async ({ loop, log }, { start }) => {
    const semaphore = new Semaphore();
    await semaphore.acquire();
    const task = start('a', () => semaphore.acquire());
    loop.callSoon(() => task.cancel());
    await turns(3);
    log(task.cancelled(), state(semaphore));
  });

  same(
    'those who are cancelled before a release get nothing of it',
    'acquire_cancel_before_awoken',
    async ({ log }, { start }) => {
      const semaphore = new Semaphore(0);
      const tasks = [...'1234'].map((name) => start(name, () => semaphore.acquire()));
      await turns();
      tasks[0]?.cancel();
      tasks[1]?.cancel();
      semaphore.release();
      await turns(2);
      log(
        tasks.map((task) => task.done()),
        state(semaphore),
      );
      tasks[3]?.cancel();
      await turns();
      log(state(semaphore));
    },
  );

  same('a cancellation and a release', 'acquire_hang', async ({ log }, { start }) => {
    const semaphore = new Semaphore(0);
    const first = start('1', () => semaphore.acquire());
    const second = start('2', () => semaphore.acquire());
    await turns();
    first.cancel();
    semaphore.release();
    await turns(2);
    log(semaphore.locked(), second.done());
  });

  same(
    'the holder cancels the next when it has released',
    'acquire_no_hang',
    async ({ log }, { holding }) => {
      const semaphore = new Semaphore(1);
      const tasks: Task[] = [];
      const first = holding('1', semaphore, () => sleep(0));
      tasks.push(holding('2', semaphore));
      first.addDoneCallback(() => log('cancels', tasks[0]?.cancel()));
      await turns(5);
      log(tasks[0]?.cancelled(), state(semaphore));
      await semaphore.acquire();
      log(state(semaphore));
    },
  );

  same(
    'a permit that was promised comes back',
    'cancelled_at_release',
    async ({ log }, { start }) => {
      const semaphore = new Semaphore(1);
      await semaphore.acquire();
      const task = start('1', () => semaphore.acquire());
      await turns();
      semaphore.release();
      task.cancel();
      log(semaphore.locked());
      await turns();
      log(task.cancelled(), state(semaphore));
    },
  );

  same('or goes to the next', 'promise_passed_on', async ({ log }, { start }) => {
    const semaphore = new Semaphore(0);
    const first = start('1', () => semaphore.acquire());
    start('2', () => semaphore.acquire());
    await turns();
    semaphore.release();
    first.cancel('no');
    log(state(semaphore));
    await turns();
    log(state(semaphore));
    await turns();
    log(state(semaphore));
  });

  const message = (log: (text: string) => void, call: () => void) => {
    try {
      call();
    } catch (error) {
      log((error as Error).message);
    }
  };

  same('a bounded semaphore counts', 'release_not_acquired', async ({ log }) => {
    message(log, () => new BoundedSemaphore().release());
  });

  same(
    'a permit that is promised is not free',
    'bounded_release_while_promised',
    async ({ log }, { start }) => {
      const semaphore = new BoundedSemaphore(2);
      await semaphore.acquire();
      await semaphore.acquire();
      start('a', () => semaphore.acquire());
      await turns();
      semaphore.release();
      semaphore.release();
      log(state(semaphore));
      await turns();
      semaphore.release();
      log(state(semaphore));
      message(
        (text) => log(text, state(semaphore)),
        () => semaphore.release(),
      );
    },
  );

  same('nobody waits', 'release_no_waiters', async ({ log }) => {
    const semaphore = new Semaphore();
    await semaphore.acquire();
    log(semaphore.locked());
    semaphore.release();
    log(semaphore.locked(), state(semaphore));
  });

  same('releasing adds permits', 'unbounded_release', async ({ log }) => {
    const semaphore = new Semaphore(0);
    log(state(semaphore));
    semaphore.release();
    semaphore.release();
    log(state(semaphore));
  });

  same('three take turns', 'acquire_fifo_order', async ({ log }, { start }) => {
    const semaphore = new Semaphore(1);
    const round = [() => semaphore.acquire(), () => sleep(0), () => semaphore.release()];
    for (const name of '123') start(name, ...round, ...round);
    await turns(15);
    log(state(semaphore));
  });

  same(
    'one that releases does not overtake',
    'acquire_fifo_order_2',
    async ({ log }, { start }) => {
      const semaphore = new Semaphore(1);
      const acquire = () => semaphore.acquire();
      start('1', acquire);
      start('2', acquire, () => semaphore.release(), acquire);
      start('3', acquire);
      await turns();
      semaphore.release();
      semaphore.release();
      log(state(semaphore));
      await turns(4);
      log(state(semaphore));
    },
  );

  same('the first is cancelled', 'acquire_fifo_order_3', async ({ log }, { start }) => {
    const semaphore = new Semaphore(0);
    const [first] = [...'123'].map((name) => start(name, () => semaphore.acquire()));
    await turns();
    first?.cancel();
    await turns();
    semaphore.release();
    semaphore.release();
    await turns(3);
    log(state(semaphore));
  });

  // CPython 3.14 (since 3.13), Lib/test/test_asyncio/test_locks.py, SemaphoreTests; before, 3 got its
  // permit one batch later.
  newerScene(
    'test_acquire_fifo_order_4: the first wakes all whom there are permits for',
    [
      '2 0',
      '[locked, waiters:1]',
      '2 1',
      '[locked, waiters:3]',
      '1 0',
      '[locked, waiters:2]',
      '1 1',
      '[locked, waiters:2]',
      '4 0',
      '2 2',
      '3 0',
      '[locked]',
    ],
    async ({ log }, { start }) => {
      const semaphore = new Semaphore(0);
      const release = () => {
        for (let count = 0; count < 3; count++) semaphore.release();
      };
      const show = () => log(state(semaphore));
      start('1', () => semaphore.acquire(), show);
      start('2', release, show, () => semaphore.acquire());
      start('3', () => semaphore.acquire());
      await turns();
      show();
      start('4', show);
      await turns(2);
      show();
    },
  );

  same(
    'cancelled with a promise, while more permits come',
    'cancelled_with_more_to_come',
    async ({ log }, { start }) => {
      const semaphore = new Semaphore(0);
      const [first] = [...'123'].map((name) => start(name, () => semaphore.acquire()));
      await turns();
      semaphore.release();
      first?.cancel();
      semaphore.release();
      log(state(semaphore), semaphore.locked());
      await turns();
      log(state(semaphore));
      await turns();
      log(state(semaphore));
    },
  );
});
