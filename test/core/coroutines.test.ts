/**
 * coroutine(): calls that start when they are awaited, once.
 *
 * As asyncio's, with async functions and with generator functions; the types follow the function's.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  Coroutine,
  type CoroutineFunction,
  coroutine,
  createTask,
  type EventLoop,
  isCoroutine,
  isCoroutineFunction,
  newEventLoop,
  RuntimeError,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

describe('coroutine()', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let calls: string[];
  const work = coroutine(async (name: string) => {
    calls.push(name);
    await sleep(0);
    return name.length;
  });
  const steps = coroutine(function* (name: string) {
    calls.push(name);
    const pause: string = yield* sleep(0, 'pause');
    return name.length + pause.length;
  });
  beforeEach(() => {
    loop = newEventLoop();
    calls = [];
  });
  afterEach(() => loop.close());
  const inLoop = <T>(body: () => Promise<T>) => loop.runUntilComplete(body);

  it('a call starts nothing', async () => {
    const unused = work('unused');
    await new Promise((turn) => setImmediate(turn));
    deepEqual(calls, []);
    ok(unused instanceof Coroutine);
    equal(String(unused), '<coroutine <anonymous>>'.replace('<anonymous>', unused.name));
  });

  it('awaiting a call runs it and gives its result, with its type', () =>
    inLoop(async () => {
      const length: number = await work('abc');
      equal(length, 3);
      const sum: number = await steps('abc');
      equal(sum, 8);
      deepEqual(calls, ['abc', 'abc']);
    }));

  it('a generator coroutine can be awaited by an async function, and the reverse', () =>
    inLoop(async () => {
      const mixed = coroutine(function* () {
        return (yield* work('ab')) + (yield* steps('a'));
      });
      equal(await mixed(), 2 + 6);
      equal(await createTask(mixed()), 2 + 6);
    }));

  it('a coroutine runs once', () =>
    inLoop(async () => {
      const call = work('once');
      await call;
      const message = /cannot reuse already awaited coroutine/;
      await rejects(async () => await call, message);
      await rejects(async () => await call, RuntimeError);
      await rejects(async () => await createTask(call), message);
      const generator = steps('once');
      await generator;
      await rejects(async () => await generator, message);
      deepEqual(calls, ['once', 'once']);
    }));

  it('errors go through both kinds', () =>
    inLoop(async () => {
      const failing = coroutine(async () => {
        await sleep(0);
        throw new RangeError('x');
      });
      const outer = coroutine(function* () {
        try {
          yield* failing();
        } catch (error) {
          return error;
        }
        return null;
      });
      ok((await outer()) instanceof RangeError);
      await rejects(async () => await failing(), RangeError);
      const thrower = coroutine(() => {
        throw new RangeError('sync');
      });
      await rejects(async () => await thrower(), RangeError);
    }));

  it('this and the arguments arrive', () =>
    inLoop(async () => {
      const object = {
        base: 10,
        add: coroutine(async function (this: { base: number }, left: number, right: number) {
          return this.base + left + right;
        }),
      };
      equal(await object.add(1, 2), 13);
    }));

  it('the name of the function stays', () => {
    const named = coroutine(async function fetchPage() {});
    equal(named.name, 'fetchPage');
    equal(named().name, 'fetchPage');
    equal(String(named()), '<coroutine fetchPage>');
  });

  it('isCoroutine() tells what a task can drive', () => {
    const generator = function* () {};
    ok(isCoroutine(work('x')) && isCoroutine(steps('x')) && isCoroutine(generator()));
    for (const other of [work, generator, async () => {}, Promise.resolve(), null, [], 'text']) {
      equal(isCoroutine(other), false);
    }
  });

  it('isCoroutineFunction() tells whose calls a task can drive', () => {
    ok(isCoroutineFunction(work) && isCoroutineFunction(steps));
    ok(isCoroutineFunction(function* () {}));
    for (const other of [async () => {}, () => {}, work('x'), null, 5]) {
      equal(isCoroutineFunction(other), false);
    }
  });

  it('a dropped generator coroutine is closed by nobody and runs nothing', () => {
    steps('dropped');
    deepEqual(calls, []);
  });

  it('refuses what is no function', () => {
    for (const bad of [undefined, null, 5, {}, Promise.resolve()]) {
      throws(() => coroutine(bad as never), { name: 'TypeError', message: /^fn must be/ });
    }
  });

  it('the types follow the function', () => {
    const typed: CoroutineFunction<(name: string) => Promise<number>> = work;
    equal(typed, work);
    // @ts-expect-error a coroutine takes what its function takes
    const wrong = () => work(5);
    equal(typeof wrong, 'function');
  });
});
