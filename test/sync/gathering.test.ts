/**
 * gather() beyond asyncio's: its types, promises as members, its signal.
 *
 * The order of events is compared with asyncio's in test/differential/gathering.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  CancelledError,
  coroutine,
  createTask,
  type EventLoop,
  Future,
  gather,
  newEventLoop,
  setEventLoop,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const number = coroutine(async (value: number) => value);
const text = coroutine(function* (value: string) {
  yield* sleep(0);
  return value;
});

describe('gather()', () => {
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

  it('infers the type of every member', async () => {
    const results: [number, string, boolean] = await gather([
      number(1),
      text('two'),
      Promise.resolve(true),
    ]);
    deepEqual(results, [1, 'two', true]);
    const numbers: number[] = await gather([1, 2, 3].map((value) => number(value)));
    deepEqual(numbers, [1, 2, 3]);
    const wrong = async () => {
      // @ts-expect-error the first member is a number
      const [first]: [string] = await gather([number(1)]);
      return first;
    };
    equal(await wrong(), 1);
  });

  it('takes futures, tasks, coroutines, generators and promises', async () => {
    const future = new Future<string>();
    loop.callSoon(() => future.setResult('future'));
    const generator = (function* () {
      yield* sleep(0);
      return 'generator';
    })();
    const task = createTask(async () => 'task');
    deepEqual(
      await gather([future, task, text('coroutine'), generator, Promise.resolve('promise')]),
      ['future', 'task', 'coroutine', 'generator', 'promise'],
    );
  });

  it('works outside any task and returns a future', async () => {
    const gathered = gather([number(1)]);
    ok(gathered instanceof Future);
    equal(gathered.getLoop(), loop);
    deepEqual(await gathered, [1]);
    deepEqual(await gather([]), []);
  });

  it('leaves the given list alone', async () => {
    const list = [number(1), number(2)];
    const copy = [...list];
    await gather(list);
    deepEqual(list, copy);
  });

  it('is given up by its signal, and so are its members', async () => {
    const controller = new AbortController();
    const members = [createTask(() => sleep(1_000_000)), createTask(() => new Future())];
    const gathered = gather(members, { signal: controller.signal });
    await sleep(0);
    controller.abort(new Error('enough'));
    await rejects(async () => await gathered, { name: 'CancelledError', message: 'enough' });
    ok(members.every((member) => member.cancelled()));
  });

  it('a failure leaves no error behind that nobody retrieved', async () => {
    const reports: unknown[] = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context.message));
    const fail = coroutine(async (message: string) => {
      await sleep(0);
      throw new Error(message);
    });
    await rejects(async () => await gather([fail('a'), fail('b'), fail('c')]), { message: 'a' });
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      globalThis.gc?.();
    }
    deepEqual(reports, []);
  });

  it('a cancelled whole fails with its message, and looks at the errors of its members', async () => {
    const reports: unknown[] = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context.message));
    const fails = createTask(async () => {
      await new Future().catch(() => {});
      throw new Error('cleanup');
    });
    const swallows = createTask(() => new Future().catch(() => 'swallowed'));
    const gathered = gather([fails, swallows], { returnExceptions: true });
    await sleep(0);
    gathered.cancel('why');
    await rejects(async () => await gathered, { name: 'CancelledError', message: 'why' });
    loop.close();
    deepEqual(reports, []);
  });

  it('members may throw nothing at all', async () => {
    const throwsNothing = coroutine(async () => {
      throw undefined;
    });
    deepEqual(await gather([throwsNothing(), number(1)], { returnExceptions: true }), [
      undefined,
      1,
    ]);
  });

  it('ten thousand members end in order', async () => {
    const members = Array.from({ length: 10_000 }, (_, index) => number(index));
    const results = await gather(members);
    equal(results.length, 10_000);
    ok(results.every((result, index) => result === index));
  });

  it('cancelling one of ten thousand fails the whole', async () => {
    const members = Array.from({ length: 10_000 }, () => createTask(() => new Future()));
    const gathered = gather(members);
    await sleep(0);
    members[5000]?.cancel();
    await rejects(async () => await gathered, CancelledError);
    for (const member of members) member.cancel();
    await gather(members, { returnExceptions: true });
  });

  // CPython 3.12 and later, Lib/asyncio/tasks.py: gather counts what is done at the call.
  it('members that are done count at the call', () => {
    const future = loop.createFuture<number>();
    future.setResult(1);
    equal(gather([future]).done(), true);
    const failed = loop.createFuture<number>();
    failed.setException(new Error('no'));
    const gathered = gather([loop.createFuture(), failed]);
    equal((gathered.exception() as Error).message, 'no');
  });

  it('a cancelled gather that collects errors has seen the errors of all members', async () => {
    const reports: unknown[] = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context.message));
    const fails = coroutine(async () => {
      try {
        await new Future();
      } catch {
        throw new Error('in the cleaning up');
      }
    });
    const gathered = gather([fails(), fails()], { returnExceptions: true });
    await sleep(0);
    gathered.cancel();
    await rejects(async () => await gathered, CancelledError);
    loop.close();
    deepEqual(reports, []);
  });

  it('nothing is started when a member cannot be awaited', async () => {
    let started = false;
    const starts = coroutine(async () => {
      started = true;
    });
    throws(() => gather([starts(), 5 as never]), /awaitables\[1\] must be .*, got 5/);
    await sleep(0);
    equal(started, false);
  });
});
