/**
 * Guards and run(), which Lock, Condition and Semaphore share: what stands for `async with`.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  CancelledError,
  Condition,
  coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  Lock,
  Semaphore,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { failure, loopForEachTest, turns } from './stage.js';

const KINDS = { Lock, Condition, Semaphore };

for (const [name, Kind] of Object.entries(KINDS)) {
  describe(`${name}: guards and run()`, () => {
    leavesNothingOpen();
    loopForEachTest();

    it('a guard releases at the end of its block', async () => {
      const lock = new Kind();
      {
        using _ = await lock.acquire();
        equal(lock.locked(), true);
      }
      equal(lock.locked(), false);
    });

    it('a guard releases when its block throws', async () => {
      const lock = new Kind();
      const work = async () => {
        using _ = await lock.acquire();
        throw new Error('work');
      };
      await rejects(work, { message: 'work' });
      equal(lock.locked(), false);
    });

    it('a guard releases once, not what somebody else has acquired since', async () => {
      const lock = new Kind();
      const guard = await lock.acquire();
      guard[Symbol.dispose]();
      await lock.acquire();
      guard[Symbol.dispose]();
      equal(lock.locked(), true);
    });

    it('one who has waited gets a guard too', async () => {
      const lock = new Kind();
      const first = await lock.acquire();
      const second = lock.acquire();
      first[Symbol.dispose]();
      (await second)[Symbol.dispose]();
      equal(lock.locked(), false);
    });

    it('run() takes functions of every kind, coroutines and generators', async () => {
      const lock = new Kind();
      const held = () => {
        equal(lock.locked(), true);
        return 1;
      };
      const work = coroutine(function* () {
        yield* sleep(0);
        return held();
      });
      const generator = (function* () {
        yield* sleep(0);
        return held();
      })();
      const future = new Future<number>();
      future.setResult(1);
      const results: number[] = [
        await lock.run(held),
        await lock.run(async () => held()),
        await lock.run(function* () {
          yield* sleep(0);
          return held();
        }),
        await lock.run(() => work()),
        await lock.run(work()),
        await lock.run(generator),
        await lock.run(() => future),
        await lock.run(() => new Promise<number>((resolve) => setImmediate(resolve, 1))),
      ];
      deepEqual(results, Array(8).fill(1));
      equal(lock.locked(), false);
    });

    it('run() serves await, yield*, createTask and gather', async () => {
      const lock = new Kind();
      const order: string[] = [];
      const work = (step: string) =>
        lock.run(async () => {
          order.push(`${step} begins`);
          await sleep(0);
          order.push(`${step} ends`);
          return step;
        });
      const results = await gather([
        work('a'),
        createTask(work('b')),
        createTask(function* () {
          return yield* work('c');
        }),
        createTask(async () => await work('d')),
      ]);
      deepEqual(results, ['a', 'b', 'c', 'd']);
      deepEqual(
        order,
        order
          .filter((_, index) => index % 2 === 0)
          .flatMap((one) => [one, one.replace('begins', 'ends')]),
      );
      equal(lock.locked(), false);
    });

    it('run() starts when it is awaited, in the task that awaits it', async () => {
      const lock = new Kind();
      await createTask(async () => {
        const name = currentTask()?.getName();
        const call = lock.run(() => currentTask()?.getName());
        await sleep(0);
        equal(lock.locked(), false);
        ok(name !== undefined);
        equal(await call, name);
      });
    });

    it('run() releases when the body throws or is cancelled', async () => {
      const lock = new Kind();
      const boom = new Error('boom');
      const thrown = lock.run(() => {
        throw boom;
      });
      equal(await failure(thrown), boom);
      equal(lock.locked(), false);
      const task = createTask(lock.run(() => new Future()));
      await turns();
      equal(lock.locked(), true);
      task.cancel('stop');
      await rejects(async () => await task, { name: 'CancelledError', message: 'stop' });
      equal(lock.locked(), false);
    });

    it('run() holds on while a cancelled async body goes on, as it does behind a foreign promise', async () => {
      for (const fails of [false, true]) {
        const lock = new Kind();
        let end: () => void = () => {};
        const foreign = new Promise<void>((resolve) => {
          end = resolve;
        });
        const body = coroutine(async () => {
          await foreign;
          equal(lock.locked(), true);
          if (fails) throw new Error('after all');
        });
        const task = createTask(lock.run(body()));
        await turns();
        task.cancel('stop');
        await turns(3);
        deepEqual([task.done(), lock.locked()], [false, true]);
        end();
        equal((await failure(task)).message, fails ? 'after all' : 'stop');
        equal(lock.locked(), false);
      }
    });

    it('run() does not start a body whose turn is given up', async () => {
      const lock = new Kind();
      await lock.acquire();
      let ran = false;
      const controller = new AbortController();
      const body = () => {
        ran = true;
      };
      const call = createTask(lock.run(body, { signal: controller.signal }));
      await turns();
      controller.abort(new Error('enough'));
      await rejects(async () => await call, CancelledError);
      lock.release();
      await turns(2);
      deepEqual([ran, lock.locked()], [false, false]);
    });

    it('run() refuses what it cannot run, at once', () => {
      const lock = new Kind();
      for (const body of [undefined, null, 5, 'work', {}, Promise.resolve()]) {
        throws(
          () => lock.run(body as never),
          /^TypeError.*: body must be a function, a coroutine or a generator, got /,
        );
      }
    });
  });
}
