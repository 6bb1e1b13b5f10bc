/**
 * Lock and Event against CPython: hand-over, fairness, cancellation at every moment of it.
 *
 * Each test is the twin of the function of that name in scenarios/locks.py.
 */

import { Event, Future, Lock, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { theme } from './stage.js';
import { scenesOf, state, turns } from './workers.js';

describe('Lock and Event, as in asyncio', () => {
  leavesNothingOpen();
  const same = scenesOf(theme('locks'));

  same('a lock goes from one to the next', 'lock_acquire', async ({ log }, { start }) => {
    const lock = new Lock();
    await lock.acquire();
    start('a', () => lock.acquire());
    start('b', () => lock.acquire());
    await turns();
    log(state(lock));
    lock.release();
    log(state(lock));
    await turns();
    log(state(lock));
    start('c', () => lock.acquire());
    lock.release();
    await turns();
    lock.release();
    await turns();
    log(state(lock));
  });

  same('acquiring can be cancelled', 'lock_acquire_cancel', async (stage, { start }) => {
    const lock = new Lock();
    await lock.acquire();
    const task = start('a', () => lock.acquire());
    stage.loop.callSoon(() => task.cancel());
    await turns(3);
    stage.log(task.cancelled(), state(lock));
  });

  same('one is cancelled as it would be next', 'lock_cancel_race', async ({ log }, { holding }) => {
    const lock = new Lock();
    const blocker = new Future<void>();
    holding('a', lock, () => blocker);
    await turns();
    const b = holding('b', lock);
    await turns();
    holding('c', lock);
    await turns();
    log(state(lock));
    blocker.setResult();
    b.cancel();
    await turns();
    log(state(lock), b.cancelled());
    await turns(3);
    log(state(lock));
  });

  same(
    'a cancellation and a release give the lock once',
    'lock_cancel_release_race',
    async ({ loop, log }, { start }) => {
      const lock = new Lock();
      await lock.acquire();
      const first = start('1', () => lock.acquire());
      start('2', () => lock.acquire());
      const third = start('3', () => lock.acquire());
      await turns();
      loop.callSoon(() => {
        first.cancel();
        lock.release();
      });
      await turns(3);
      log(first.cancelled(), state(lock));
      third.cancel();
      await turns();
      log(third.cancelled(), state(lock));
    },
  );

  same(
    'one that is cancelled before the release passes the lock on',
    'lock_finished_waiter_cancelled',
    async ({ log }, { start }) => {
      const lock = new Lock();
      await lock.acquire();
      const b = start('b', () => lock.acquire());
      await turns();
      start('c', () => lock.acquire());
      b.cancel();
      lock.release();
      log(state(lock));
      await turns();
      log(b.cancelled(), state(lock));
      await turns(2);
      log(state(lock));
    },
  );

  same(
    'one that is cancelled after the release passes the lock on',
    'lock_cancel_wakeup',
    async ({ log }, { start }) => {
      const lock = new Lock();
      await lock.acquire();
      const b = start('b', () => lock.acquire());
      start('c', () => lock.acquire());
      await turns();
      lock.release();
      b.cancel('late');
      log(state(lock));
      await turns();
      log(b.cancelled(), state(lock));
      await turns();
      log(state(lock));
    },
  );

  same('all are cancelled', 'lock_all_woken_cancelled', async ({ log }, { start }) => {
    const lock = new Lock();
    await lock.acquire();
    const tasks = [...'abc'].map((name) => start(name, () => lock.acquire()));
    await turns();
    lock.release();
    for (const task of tasks) task.cancel();
    await turns();
    log(state(lock));
    start('d', () => lock.acquire());
    await turns();
    log(state(lock));
  });

  same('nobody overtakes', 'lock_nobody_overtakes', async ({ log }, { start }) => {
    const lock = new Lock();
    const steps = [() => lock.acquire(), () => lock.release()];
    await lock.acquire();
    start('waits', ...steps);
    await turns();
    lock.release();
    start('comes later', ...steps);
    log(state(lock), lock.locked());
    await lock.acquire();
    log('takes it again');
    lock.release();
    await turns();
  });

  same(
    'those who were cancelled are overtaken',
    'lock_overtakes_the_cancelled',
    async ({ log }, { start }) => {
      const lock = new Lock();
      await lock.acquire();
      const task = start('waits', () => lock.acquire());
      await turns();
      task.cancel();
      lock.release();
      await lock.acquire();
      log(state(lock));
      await turns();
      log(state(lock));
    },
  );

  same('release() of a free lock', 'lock_release_not_acquired', async ({ attempt }) => {
    attempt('release', () => new Lock().release());
  });

  same('nobody waits', 'lock_release_no_waiters', async ({ log }) => {
    const lock = new Lock();
    await lock.acquire();
    log(lock.locked());
    lock.release();
    log(lock.locked());
  });

  same('cancelled twice', 'lock_cancelled_twice', async ({ log }, { start }) => {
    const lock = new Lock();
    await lock.acquire();
    const task = start('a', () => lock.acquire());
    await turns();
    task.cancel('first');
    task.cancel('second');
    await turns(2);
    log(task.cancelling(), state(lock));
  });

  same(
    'who gets the lock goes on in its place of the ready queue',
    'lock_places_in_the_ready_queue',
    async ({ loop, log }, { start }) => {
      const lock = new Lock();
      await lock.acquire();
      const [acquire, release] = [() => lock.acquire(), () => lock.release()];
      start('a', acquire, release, () => sleep(0), acquire);
      start('b', acquire, release);
      await turns();
      loop.callSoon(log, 'before');
      lock.release();
      loop.callSoon(log, 'after');
      await turns();
      log('turn');
      await turns(3);
    },
  );

  same('three take turns', 'lock_ping_pong', async (_stage, { start }) => {
    const lock = new Lock();
    const nap = () => sleep(0);
    const round = [() => lock.acquire(), nap, () => lock.release(), nap];
    for (const name of ['ping', 'pong', 'pung']) start(name, ...round, ...round, ...round);
    await turns(25);
  });

  same('an event wakes all who wait', 'event_wait', async ({ log }, { start }) => {
    const event = new Event();
    start('1', () => event.wait());
    start('2', () => event.wait());
    await turns();
    log(state(event));
    start('3', () => event.wait());
    event.set();
    log(state(event));
    await turns();
    log(state(event));
    start('4', () => event.wait());
    await turns();
  });

  same('waiting can be cancelled', 'event_wait_cancel', async ({ loop, log }, { start }) => {
    const event = new Event();
    const task = start('a', () => event.wait());
    loop.callSoon(() => task.cancel());
    await turns(3);
    log(task.cancelled(), state(event));
  });

  same('set, clear and set', 'event_clear_with_waiters', async ({ log }, { start }) => {
    const event = new Event();
    start('a', () => event.wait());
    await turns();
    event.set();
    event.clear();
    log(event.isSet());
    event.set();
    event.set();
    log(state(event));
    await turns();
    log(state(event));
    event.clear();
    log(event.isSet(), state(event));
  });

  same('set, and then cancelled', 'event_set_and_cancel', async ({ log }, { start }) => {
    const event = new Event();
    const a = start('a', () => event.wait());
    start('b', () => event.wait());
    await turns();
    event.set();
    a.cancel('too late for the event');
    await turns();
    log(a.cancelled(), state(event));
  });
});
