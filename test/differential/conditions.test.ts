/**
 * Condition against CPython: notifying, taking the lock again, no notification lost to a cancellation.
 *
 * Each test is the twin of the function of that name in scenarios/conditions.py; what Python 3.13 mended
 * (a cancelled waiter that was notified notifies the next, and keeps its message) is written down.
 */

import { Condition, Lock } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { type Stage, theme } from './stage.js';
import { type Crew, newerScene, scenesOf, state, turns } from './workers.js';

describe('Condition, as in asyncio', () => {
  leavesNothingOpen();
  const same = scenesOf(theme('conditions'));

  same('those who are notified get the lock in turn', 'wait', async ({ log }, { start }) => {
    const condition = new Condition();
    for (const name of '123') {
      start(
        name,
        () => condition.acquire(),
        () => condition.wait(),
      );
    }
    await turns();
    log(state(condition));
    await condition.acquire();
    condition.notify();
    await turns();
    log(state(condition));
    condition.release();
    await turns();
    log(state(condition));
    condition.notify(2);
    await turns();
    log(state(condition));
    condition.release();
    await turns();
    condition.release();
    await turns();
    log(state(condition));
  });

  same('a cancelled wait has the lock again', 'wait_cancel', async ({ loop, log }, { start }) => {
    const condition = new Condition();
    await condition.acquire();
    const task = start('a', () => condition.wait());
    loop.callSoon(() => task.cancel());
    await turns(3);
    log(task.cancelled(), state(condition));
  });

  same('cancelled as the lock comes', 'wait_cancel_contested', async ({ loop, log }, { start }) => {
    const condition = new Condition();
    await condition.acquire();
    const task = start('a', () => condition.wait());
    await turns();
    log(state(condition));
    await condition.acquire();
    condition.notify();
    loop.callSoon(() => task.cancel());
    loop.callSoon(() => condition.release());
    await turns(4);
    log(task.cancelled(), state(condition));
  });

  same(
    'cancelled as it waits for the lock',
    'wait_cancel_after_notify',
    async ({ log }, { holding }) => {
      const condition = new Condition();
      const waiter = holding('a', condition, () => condition.wait());
      await turns();
      await condition.acquire();
      condition.notify();
      await turns();
      waiter.cancel();
      await turns();
      log(waiter.done());
      condition.release();
      await turns();
      log(waiter.cancelled(), state(condition));
    },
  );

  same('wait() without the lock', 'wait_unacquired', async ({ outcome }) => {
    await outcome('wait', new Condition().wait());
  });

  same('waitFor() looks after every notification', 'wait_for', async ({ log }, { holding }) => {
    const condition = new Condition();
    let present = 0;
    const predicate = () => {
      log('looks', present);
      return present === 2 && 'enough';
    };
    holding('a', condition, () => condition.waitFor(predicate));
    await turns();
    for (let round = 0; round < 2; round++) {
      await condition.run(() => {
        present++;
        condition.notify();
      });
      await turns(2);
    }
    log(state(condition));
  });

  same('waitFor() without the lock', 'wait_for_unacquired', async ({ log, outcome }) => {
    const condition = new Condition();
    log(await condition.waitFor(() => 'at once'));
    await outcome(
      'wait_for',
      condition.waitFor(() => false),
    );
  });

  same('notify() wakes as many as it is told', 'notify', async ({ log }, { holding }) => {
    const condition = new Condition();
    for (const name of '1234') holding(name, condition, () => condition.wait());
    await turns();
    await condition.run(() => condition.notify(1));
    await turns(2);
    await condition.run(() => {
      condition.notify(1);
      condition.notify(5);
    });
    log(state(condition));
    await turns(4);
    log(state(condition));
  });

  same('notifyAll() wakes all', 'notify_all', async ({ log }, { holding }) => {
    const condition = new Condition();
    for (const name of '123') holding(name, condition, () => condition.wait());
    await turns();
    await condition.run(() => condition.notifyAll());
    log(state(condition));
    await turns(4);
    log(state(condition));
  });

  same('notify() without the lock', 'notify_unacquired', async ({ attempt }) => {
    const condition = new Condition();
    attempt('notify', () => condition.notify());
    attempt('notify_all', () => condition.notifyAll());
    attempt('release', () => condition.release());
  });

  same('two conditions share a lock', 'explicit_lock', async ({ log }, { holding }) => {
    const lock = new Lock();
    const condition = new Condition(lock);
    const other = new Condition(lock);
    await lock.acquire();
    log(condition.locked(), other.locked());
    condition.release();
    log(lock.locked());
    holding('a', condition, () => condition.wait());
    holding('b', other, () => other.wait());
    await turns();
    await lock.run(() => {
      other.notify();
      condition.notify();
    });
    await turns(3);
    log(state(condition), state(other));
  });

  same(
    'the message of a cancellation is kept',
    'cancelled_error_wakeup',
    async ({ log }, { holding }) => {
      const condition = new Condition();
      const task = holding('a', condition, () => condition.waitFor(() => false));
      await turns();
      task.cancel('foo');
      await turns(2);
      log(task.cancelled(), state(condition));
    },
  );

  same(
    'a cancelled wait waits for the lock',
    'cancelled_while_the_lock_is_taken',
    async ({ log }, { holding }) => {
      const condition = new Condition();
      const task = holding('a', condition, () => condition.wait());
      await turns();
      await condition.acquire();
      task.cancel();
      await turns(3);
      log(task.done(), state(condition));
      condition.release();
      await turns();
      log(task.cancelled(), state(condition));
    },
  );

  // CPython 3.14 (since 3.13), Lib/test/test_asyncio/test_locks.py, ConditionTests.
  newerScene(
    'test_cancelled_error_re_aquire: the message of a cancellation by the lock is kept',
    ['a holds', 'a CancelledError(foo)', 'task CancelledError(foo)', '[unlocked]'],
    async ({ log, outcome }, { holding }) => {
      const condition = new Condition();
      const task = holding('a', condition, () => condition.wait());
      await turns();
      await condition.acquire();
      condition.notify();
      await turns();
      task.cancel('foo');
      condition.release();
      await turns(2);
      await outcome('task', task);
      log(state(condition));
    },
  );

  // CPython 3.14, Lib/asyncio/locks.py, Condition.wait: 're-raise most recent exception instance'.
  newerScene(
    'cancelled again and again, it takes the lock first, and the last message counts',
    [
      'a holds',
      'false [locked]',
      'false [locked]',
      'false [locked]',
      'a CancelledError(three)',
      'task CancelledError(three)',
    ],
    async ({ log, outcome }, { holding }) => {
      const condition = new Condition();
      const task = holding('a', condition, () => condition.wait());
      await turns();
      await condition.acquire();
      for (const message of ['one', 'two', 'three']) {
        task.cancel(message);
        await turns();
        log(task.done(), state(condition));
      }
      condition.release();
      await turns();
      await outcome('task', task);
    },
  );

  /** One of two consumers is notified and `late` batches later cancelled: the other gets the item. */
  const consume = async ({ log }: Stage, { holding }: Crew, late: number) => {
    const condition = new Condition();
    let items = 0;
    const consumers = [...'ab'].map((name) =>
      holding(
        name,
        condition,
        () => condition.waitFor(() => items > 0),
        () => {
          items--;
        },
      ),
    );
    await turns();
    await condition.run(async () => {
      items++;
      condition.notify(1);
      await turns(late);
      consumers[0]?.cancel();
    });
    await turns(4);
    log(items, consumers[0]?.cancelled(), consumers[1]?.done(), state(condition));
  };
  const consumed = [
    'a holds',
    'b holds',
    'a CancelledError()',
    'b 0',
    'b 1',
    '0 true true [unlocked]',
  ];

  // CPython 3.14 (since 3.13), Lib/test/test_asyncio/test_locks.py, ConditionTests.
  newerScene('test_cancelled_wakeup: a notification is not lost', consumed, (stage, crew) =>
    consume(stage, crew, 0),
  );
  newerScene('test_cancelled_wakeup_relock: nor while it waits', consumed, (stage, crew) =>
    consume(stage, crew, 1),
  );
});
