/**
 * asCompleted() beyond asyncio's: when it starts, leaving it early, its types.
 *
 * The order of events is compared with asyncio's in test/differential/completing.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  AsCompleted,
  asCompleted,
  coroutine,
  createTask,
  type EventLoop,
  Future,
  newEventLoop,
  setEventLoop,
  sleep,
  type Task,
  TimeoutError,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const LONG = 100_000;

describe('asCompleted()', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
    setEventLoop(loop);
  });
  afterEach(() => {
    setEventLoop(null);
    loop.close();
  });

  const work = coroutine(async (name: string, batches: number) => {
    for (let batch = 0; batch < batches; batch++) await sleep(0);
    return name;
  });

  it('knows the types of its members', async () => {
    const tasks: Task<string>[] = [createTask(work('a', 1)), createTask(work('b', 2))];
    for await (const task of asCompleted(tasks)) {
      const same: Task<string> = task;
      equal(same.result(), await task);
    }
    for await (const task of asCompleted([work('c', 1)]))
      equal((task satisfies Task<string>).done(), true);
    for (const next of asCompleted([work('d', 1)])) {
      const result: string = await next;
      equal(result, 'd');
    }
    ok(asCompleted([]) instanceof AsCompleted);
  });

  it('a plain iteration gives the results in the order in which they were asked for', async () => {
    // CPython's test_as_completed_reverse_wait has it otherwise: asyncio's are coroutines, of which the first awaited gets the first
    const [first, second] = [...asCompleted([work('a', 1), work('b', 4)])];
    equal(await second, 'b');
    equal(await first, 'a');
  });

  it('what was asked for comes, although the iteration was left', async () => {
    const [first, second] = asCompleted([work('a', 3), work('b', 1), work('c', 5)]);
    equal(await second, 'a');
    equal(await first, 'b');
  });

  it('breaking off ends it, and leaves the members alone', async () => {
    const tasks = [createTask(work('a', 1)), createTask(work('b', 5))];
    const iterator = asCompleted(tasks, { timeout: LONG });
    for await (const task of iterator) {
      equal(await task, 'a');
      break;
    }
    for await (const _ of iterator) ok(false);
    equal(await tasks[1], 'b');
  });

  it('a cancelled waiter leaves its result to the next', async () => {
    const iterator = asCompleted([work('a', 1), work('b', 3)])[Symbol.iterator]();
    const first = iterator.next().value as Future<string>;
    const second = iterator.next().value as Future<string>;
    first.cancel();
    equal(await second, 'a');
  });

  it('a waiter that is cancelled when it is woken passes that on', async () => {
    const futures = [new Future<string>(), new Future<string>()];
    const iterator = asCompleted(futures)[Symbol.iterator]();
    const first = iterator.next().value as Future<string>;
    const second = iterator.next().value as Future<string>;
    futures[1]?.setResult('result');
    loop.callSoon(() => first.cancel());
    equal(await second, 'result');
    equal(first.cancelled(), true);
  });

  it('everybody hears that the time is over', async () => {
    const nexts = [...asCompleted([new Future(), new Future(), work('a', 1)], { timeout: 20 })];
    equal(await nexts[0], 'a');
    await rejects(async () => await nexts[1], TimeoutError);
    await rejects(async () => await nexts[2], TimeoutError);
  });

  it('a promise comes as the future made of it', async () => {
    const results: unknown[] = [];
    for await (const future of asCompleted([Promise.resolve(1), sleep(1, 2)])) {
      ok(future instanceof Future);
      results.push(future.result());
    }
    deepEqual(results, [1, 2]);
  });
});
