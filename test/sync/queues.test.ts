/**
 * Queues beyond asyncio's: for await, the order of a PriorityQueue, bad input, outside tasks.
 *
 * Order and cancellation are compared with asyncio's in test/differential.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  createTask,
  Future,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { failure, loopForEachTest, turns } from './stage.js';

function drain<T>(queue: Queue<T>): T[] {
  const items: T[] = [];
  while (!queue.empty()) items.push(queue.getNowait());
  return items;
}

describe('queues', () => {
  leavesNothingOpen();
  loopForEachTest();

  it('work outside tasks, and what needs no waiting is done on return', async () => {
    const queue = new Queue<number>(1);
    const put = queue.put(1);
    ok(put instanceof Future && put.done());
    const second = queue.put(2);
    equal(second.done(), false);
    equal(await queue.get(), 1);
    await second;
    equal(await queue.get(), 2);
  });

  it('for await takes items until the queue is shut down and empty', async () => {
    const queue = new Queue<number>(2);
    const taken: number[] = [];
    const producer = createTask(async () => {
      for (let item = 0; item < 5; item++) await queue.put(item);
      queue.shutdown();
    });
    for await (const item of queue) {
      taken.push(item);
      queue.taskDone();
    }
    await producer;
    await queue.join();
    deepEqual(taken, [0, 1, 2, 3, 4]);
    for await (const item of queue) equal(item, 'nothing');
  });

  it('several may take from one queue with for await', async () => {
    const queue = new Queue<number>();
    const taken: number[] = [];
    const consumers = Array.from({ length: 3 }, () =>
      createTask(async () => {
        for await (const item of queue) taken.push(item);
      }),
    );
    for (let item = 0; item < 10; item++) queue.putNowait(item);
    await turns(2);
    queue.shutdown();
    for (const consumer of consumers) await consumer;
    deepEqual(taken.sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('leaving for await early leaves the rest in the queue', async () => {
    const queue = new Queue<number>();
    for (const item of [1, 2, 3]) queue.putNowait(item);
    for await (const item of queue) {
      equal(item, 1);
      break;
    }
    deepEqual(drain(queue), [2, 3]);
  });

  it('a task in for await can be cancelled, and no item is lost', async () => {
    const queue = new Queue<number>();
    const task = createTask(async () => {
      for await (const item of queue) equal(item, 'nothing');
    });
    await turns();
    queue.putNowait(1);
    task.cancel();
    equal((await failure(task)).name, 'CancelledError');
    deepEqual(drain(queue), [1]);
  });

  it('for await of a body that throws QueueShutDown passes it on', async () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    const error = new QueueShutDown('of another queue');
    const loop = async () => {
      for await (const _ of queue) throw error;
    };
    equal(await failure(loop()), error);
  });

  it('a PriorityQueue gives items of equal priority in the order in which they came', () => {
    const queue = new PriorityQueue<{ priority: number; name: string }>(0, {
      compare: (left, right) => left.priority - right.priority,
    });
    for (const [index, name] of [...'abcdefgh'].entries()) {
      queue.putNowait({ priority: index % 2, name });
    }
    equal(
      drain(queue)
        .map(({ name }) => name)
        .join(''),
      'acegbdfh',
    );
  });

  it('a PriorityQueue compares numbers, strings, dates, and arrays element by element', () => {
    const sorted = <T>(items: T[]) => {
      const queue = new PriorityQueue<T>();
      for (const item of items) queue.putNowait(item);
      return drain(queue);
    };
    deepEqual(sorted([3, -1, 2n, 10, Number.NEGATIVE_INFINITY]), [
      Number.NEGATIVE_INFINITY,
      -1,
      2n,
      3,
      10,
    ]);
    deepEqual(sorted(['b', 'a', 'ab']), ['a', 'ab', 'b']);
    deepEqual(sorted([new Date(2), new Date(1)]), [new Date(1), new Date(2)]);
    const shared = {};
    deepEqual(sorted([[1, shared, 2], [1, shared, 1], [1], [0, {}]]), [
      [0, {}],
      [1],
      [1, shared, 1],
      [1, shared, 2],
    ]);
  });

  it('a PriorityQueue refuses what it cannot compare, and stays as it was', () => {
    const queue = new PriorityQueue<unknown>();
    for (const item of [5, 3, 4]) queue.putNowait(item);
    for (const item of ['text', {}, null, [1], undefined]) {
      throws(() => queue.putNowait(item), {
        name: 'TypeError',
        message: /^cannot compare .* with /,
      });
    }
    equal(String(queue), '<PriorityQueue maxsize=0 _queue=[3, 5, 4] tasks=3>');
    deepEqual(drain(queue), [3, 4, 5]);
  });

  it('show themselves as in asyncio', async () => {
    const queue = new Queue<unknown>(2);
    equal(inspect(queue), '<Queue maxsize=2>');
    queue.putNowait('a');
    queue.putNowait({ b: 1 });
    const put = queue.put('c');
    equal(String(queue), "<Queue maxsize=2 _queue=['a', { b: 1 }] _putters[1] tasks=2>");
    await Promise.all([queue.get(), put]);
    queue.shutdown(true);
    equal(String(queue), '<Queue maxsize=2 tasks=1 shutdown>');
    const stack = new LifoQueue();
    const get = stack.get();
    equal(String(stack), '<LifoQueue maxsize=0 _getters[1]>');
    get.cancel();
    await turns();
  });

  it('errors have names, and are thrown by the functions that do not wait', () => {
    const queue = new Queue<number>(1);
    throws(() => queue.getNowait(), { name: 'QueueEmpty' });
    throws(() => queue.getNowait(), QueueEmpty);
    queue.putNowait(1);
    throws(() => queue.putNowait(2), QueueFull);
    queue.shutdown();
    throws(() => queue.putNowait(2), QueueShutDown);
    throws(() => new Queue().taskDone(), {
      name: 'RangeError',
      message: 'task_done() called too many times',
    });
  });

  it('the functions that wait fail the future, and do not throw', async () => {
    const queue = new Queue<number>();
    queue.shutdown();
    const [put, get] = [queue.put(1), queue.get()];
    await rejects(async () => await put, QueueShutDown);
    await rejects(async () => await get, QueueShutDown);
  });

  it('bad input is refused at the call', () => {
    throws(() => new Queue('5' as never), /^TypeError.*: maxsize must be a number, got '5'/);
    throws(
      () => new LifoQueue(Number.NaN),
      /^RangeError.*: maxsize must be a number other than NaN/,
    );
    throws(() => new PriorityQueue(0, 5 as never), /options must be an object, got 5/);
    throws(
      () => new PriorityQueue(0, { compare: 5 as never }),
      /compare must be a function, got 5/,
    );
    throws(() => new Queue().shutdown(1 as never), /immediate must be a boolean, got 1/);
    equal(new Queue(Number.POSITIVE_INFINITY).full(), false);
  });

  it('a hundred thousand items pass a queue of ten', async () => {
    const queue = new Queue<number>(10);
    const count = 100_000;
    const producer = createTask(function* () {
      for (let item = 0; item < count; item++) yield* queue.put(item);
    });
    const consumer = createTask(function* () {
      for (let item = 0; item < count; item++) equal(yield* queue.get(), item);
      yield* sleep(0);
    });
    await producer;
    await consumer;
    equal(queue.empty(), true);
  }).timeout(10_000);
});
