/**
 * Queue, PriorityQueue and LifoQueue against CPython: order, bounds, who is woken, cancellation.
 *
 * Each test is the twin of the function of that name in scenarios/queues.py.
 */

import { LifoQueue, PriorityQueue, Queue, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { kind, type Log, theme } from './stage.js';
import { scenesOf, turns } from './workers.js';

function attempt(log: Log, what: string, call: () => unknown): void {
  try {
    log(what, call());
  } catch (error) {
    log(what, kind(error));
  }
}

describe('Queue, as in asyncio', () => {
  leavesNothingOpen();
  const same = scenesOf(theme('queues'));

  same('first, last and least', 'order', async ({ log }) => {
    for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
      const queue = new Kind<number>();
      for (const item of [1, 3, 2, 3]) queue.putNowait(item);
      const size = queue.qsize();
      log(
        size,
        Array.from({ length: 4 }, () => queue.getNowait()),
        String(queue),
      );
    }
  });

  same('arrays are compared as tuples', 'priorities', async ({ log }) => {
    const queue = new PriorityQueue<unknown[]>();
    const items = [[2, 'b'], [1, 'z'], [2, 'a'], [1], [0, 'x', 5], [1, 'y']];
    for (const item of items) await queue.put(item);
    const taken: unknown[] = [];
    while (!queue.empty()) taken.push(await queue.get());
    log(taken);
  });

  same('a queue that is full', 'maxsize', async ({ log }, { start }) => {
    const queue = new Queue<number>(2);
    log(queue.maxsize, queue.full(), queue.empty(), String(queue));
    queue.putNowait(1);
    attempt(log, 'put', () => queue.putNowait(2));
    attempt(log, 'put', () => queue.putNowait(3));
    start('putter', () => queue.put(3));
    await turns();
    log(String(queue), queue.full());
    log(await queue.get(), String(queue));
    await turns();
    log(String(queue));
  });

  same('a bound that is no integer', 'float_maxsize', async ({ log }) => {
    const queue = new Queue<number>(1.3);
    queue.putNowait(1);
    log(queue.full());
    queue.putNowait(2);
    log(queue.full());
    attempt(log, 'put', () => queue.putNowait(3));
  });

  same('a bound below 0 is none', 'negative_maxsize', async ({ log }) => {
    const queue = new Queue<number>(-1);
    for (let item = 0; item < 5; item++) queue.putNowait(item);
    log(queue.full(), String(queue));
  });

  same('an item wakes the first who waits', 'get_wait', async ({ log }, { start }) => {
    const queue = new Queue<number>();
    attempt(log, 'get', () => queue.getNowait());
    start('a', () => queue.get());
    start('b', () => queue.get());
    await turns();
    log(String(queue));
    queue.putNowait(1);
    log(String(queue));
    queue.putNowait(2);
    log(String(queue));
    await turns();
    log(String(queue));
  });

  same(
    'who does not wait may be faster than who was woken',
    'get_overtakes_the_woken',
    async ({ log }, { start }) => {
      const queue = new Queue<number>();
      start('a', () => queue.get());
      await turns();
      queue.putNowait(1);
      log('main', await queue.get());
      await turns();
      log(String(queue));
      queue.putNowait(2);
      await turns();
    },
  );

  same('one who waits is cancelled', 'get_cancelled_race', async ({ log }, { start }) => {
    const queue = new Queue<string>();
    const first = start('1', () => queue.get());
    start('2', () => queue.get());
    await turns();
    first.cancel();
    await turns();
    log(first.cancelled());
    await queue.put('a');
    await turns();
    log(String(queue));
  });

  same(
    'one who was woken is cancelled, and takes nothing',
    'get_cancel_drop_one_pending_reader',
    async ({ log }, { start }) => {
      const queue = new Queue<number>();
      const reader = start('a', () => queue.get());
      await turns();
      queue.putNowait(1);
      queue.putNowait(2);
      reader.cancel();
      await turns();
      start('b', () => queue.get());
      await turns();
      log(reader.cancelled(), String(queue));
    },
  );

  same(
    'one of several who were woken is cancelled, and wakes the next',
    'get_cancel_drop_many_pending_readers',
    async ({ log }, { start }) => {
      const queue = new Queue<number>();
      const [first] = [...'123'].map((name) => start(name, () => queue.get()));
      await turns();
      queue.putNowait(1);
      queue.putNowait(2);
      first?.cancel();
      log(String(queue));
      await turns(2);
      log(String(queue));
    },
  );

  same(
    'a cancelled get() is forgotten',
    'cancelled_getters_not_being_held',
    async ({ log }, { start }) => {
      const queue = new Queue(5);
      const task = start('a', () => queue.get());
      await turns();
      log(String(queue));
      task.cancel();
      await turns();
      log(String(queue));
    },
  );

  same(
    'a producer and a consumer take turns',
    'why_are_getters_waiting',
    async ({ log }, { start }) => {
      const queue = new Queue<number>(1);
      start('producer', ...[0, 1, 2, 3, 4].map((item) => () => queue.put(item)));
      start('consumer', ...Array(5).fill(() => queue.get()));
      await turns(12);
      log(String(queue));
    },
  );

  same('a place is taken at once', 'get_with_waiting_putters', async ({ log }, { start }) => {
    const queue = new Queue<string>(1);
    start('a', () => queue.put('a'));
    start('b', () => queue.put('b'));
    log(await queue.get(), String(queue));
    log(await queue.get(), String(queue));
  });

  same(
    'one who was woken is cancelled, and puts nothing',
    'put_cancel_drop',
    async ({ log }, { start }) => {
      const queue = new Queue<number>(1);
      queue.putNowait(1);
      const writer = start('a', () => queue.put(2));
      await turns();
      log(queue.getNowait());
      writer.cancel();
      await turns();
      log(writer.cancelled(), String(queue));
    },
  );

  same('one who waits to put is cancelled', 'put_cancelled_race', async ({ log }, { start }) => {
    const queue = new Queue<string>(1);
    const [a, b, c] = [...'abX'].map((name) => start(name, () => queue.put(name)));
    await turns();
    log(a?.done(), b?.done(), String(queue));
    c?.cancel();
    await turns();
    log(c?.cancelled(), queue.getNowait());
    await turns();
    log(queue.getNowait(), String(queue));
  });

  same('and wakes the next', 'put_wake_up_passed_on', async ({ log }, { start }) => {
    const queue = new Queue<unknown>(1);
    queue.putNowait(0);
    const a = start('a', () => queue.put('a'));
    start('b', () => queue.put('b'));
    await turns();
    queue.getNowait();
    a.cancel('late');
    await turns();
    log(String(queue));
    await turns();
    log(String(queue));
  });

  same(
    'several places wake several putters',
    'why_are_putters_waiting',
    async ({ log }, { start }) => {
      const queue = new Queue<number>(2);
      const drain = () => {
        for (let left = queue.qsize(); left > 0; left--) log('drains', queue.getNowait());
      };
      start('getter', () => sleep(0), drain);
      for (let item = 0; item < 4; item++) start(`putter ${item}`, () => queue.put(item));
      await turns(4);
      log(String(queue));
    },
  );

  same(
    'a cancelled put() is forgotten',
    'cancelled_puts_not_being_held',
    async ({ log }, { start }) => {
      const queue = new Queue<number>(1);
      queue.putNowait(1);
      const task = start('a', () => queue.put(1));
      await turns();
      log(String(queue));
      task.cancel();
      await turns();
      log(String(queue));
    },
  );

  same('taskDone() for nothing', 'task_done_underflow', async ({ log }) => {
    for (const queue of [new Queue(), new LifoQueue(), new PriorityQueue()]) {
      try {
        queue.taskDone();
      } catch (error) {
        log((error as Error).message);
      }
    }
  });

  same('join() waits until all is done', 'task_done', async ({ log }, { start }) => {
    const queue = new Queue<number>();
    for (let item = 0; item < 4; item++) queue.putNowait(item);
    start('joins', () => queue.join());
    const get = () => queue.get();
    const done = () => {
      queue.taskDone();
      log(String(queue));
    };
    start('a', get, done, get, done);
    start('b', get, done, get, done);
    await turns(3);
    start('joins again', () => queue.join());
    await turns();
  });

  same('join() of an empty queue', 'join_empty_queue', async (_stage, { start }) => {
    const queue = new Queue();
    start(
      'a',
      () => queue.join(),
      () => queue.join(),
    );
    await turns();
  });
});
