/**
 * Runner beyond what test/differential/runners compares: what it takes, refuses, and leaves behind.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  allTasks,
  coroutine,
  createTask,
  currentTask,
  type EventLoop,
  Future,
  getEventLoop,
  getRunningLoop,
  newEventLoop,
  Runner,
  RuntimeError,
  run,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

describe('Runner', () => {
  leavesNothingOpen();

  it('runs whatever a task drives, and futures of its loop', async () => {
    await using runner = new Runner();
    const work = coroutine(async (value: number) => value);
    const steps = function* () {
      yield* sleep(0);
      return 3;
    };
    const future = runner.getLoop().createFuture<number>();
    runner.getLoop().callLater(1, () => future.setResult(5));
    const results: number[] = [
      await runner.run(async () => 0),
      await runner.run(work(1)),
      await runner.run(() => work(2)),
      await runner.run(steps),
      await runner.run(coroutine(steps)()),
      await runner.run(future),
    ];
    deepEqual(results, [0, 1, 2, 3, 3, 5]);
  });

  it('refuses anything else, promises included, and stays usable', async () => {
    await using runner = new Runner();
    for (const wrong of [5, null, undefined, {}, Promise.resolve()]) {
      await rejects(runner.run(wrong as never), {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: /^coro must be a function/,
      });
    }
    equal(await runner.run(async () => 'works'), 'works');
  });

  it('refuses wrong options at the call', async () => {
    throws(() => new Runner({ debug: 1 as never }), /debug must be a boolean/);
    throws(() => new Runner({ signals: 'no' as never }), /signals must be a boolean/);
    throws(() => new Runner({ loopFactory: {} as never }), /loopFactory must be a function/);
    await using runner = new Runner({ loopFactory: () => ({}) as never });
    throws(() => runner.getLoop(), /loopFactory must be a maker of EventLoops/);
    await using other = new Runner();
    await rejects(
      other.run(async () => {}, { context: 5 as never }),
      /context must be a function/,
    );
  });

  it('two runs at the same time are refused, and the first goes on', async () => {
    await using runner = new Runner();
    const first = runner.run(async () => {
      await sleep(1);
      return 'first';
    });
    await rejects(
      runner.run(async () => 'second'),
      { name: 'RuntimeError', message: 'This event loop is already running' },
    );
    equal(await first, 'first');
    equal(allTasks(runner.getLoop()).size, 0);
  });

  it('cannot be closed while it runs', async () => {
    const runner = new Runner();
    const main = async () => {
      await rejects(runner.close(), /Cannot close a running event loop/);
      await sleep(0);
      return 'unharmed';
    };
    equal(await runner.run(main), 'unharmed');
    await runner.close();
  });

  it('whoever closes it while it closes waits too', async () => {
    const runner = new Runner();
    const loop = runner.getLoop();
    await runner.run(async () => {
      createTask(async () => {
        try {
          await new Future();
        } finally {
          await sleep(1);
        }
      });
      await sleep(0);
    });
    const first = runner.close();
    throws(() => runner.getLoop(), /Runner is closed/);
    await runner.close();
    ok(loop.isClosed());
    await first;
  });

  it('its loop is the thread’s default one, unless loopFactory made it', async () => {
    {
      await using runner = new Runner();
      const loop = runner.getLoop();
      ok(getEventLoop() === loop);
    }
    await using own = new Runner({ loopFactory: newEventLoop });
    ok(getEventLoop() !== own.getLoop());
    getEventLoop().close();
  });

  it('debug mode that loopFactory has set stays, unless debug is given', async () => {
    const loopFactory = () => {
      const loop = newEventLoop();
      loop.setDebug(true);
      return loop;
    };
    await using runner = new Runner({ loopFactory });
    equal(runner.getLoop().getDebug(), true);
    await using other = new Runner({ loopFactory, debug: false });
    equal(other.getLoop().getDebug(), false);
  });

  it('main keeps its name; under run() the task has main itself', async () => {
    await using runner = new Runner();
    const main = async () => String(currentTask()).includes('coro=<main()>');
    ok(await runner.run(main));
    const work = coroutine(async function work() {
      return String(currentTask()).includes('coro=<work()>');
    });
    ok(await runner.run(work()));
    await run(async function itself() {
      ok(currentTask()?.getCoro() === itself);
    });
  });

  it('what main sets behind an await stays with main', async () => {
    const storage = new AsyncLocalStorage<string>();
    await using runner = new Runner();
    await runner.run(async () => {
      storage.enterWith('before');
      await sleep(0);
      storage.enterWith('behind');
    });
    equal(await runner.run(async () => storage.getStore()), 'before');
    equal(storage.getStore(), undefined);
  });

  it('no task of an earlier run is current in a later one', async () => {
    await using runner = new Runner();
    const [first] = await runner.run(async () => [currentTask()]);
    await runner.run(async () => ok(currentTask() !== first));
    throws(() => getRunningLoop(), RuntimeError);
  });

  it('tasks that are left are cancelled in the order in which they were made', async () => {
    const seen: string[] = [];
    {
      await using runner = new Runner();
      await runner.run(async () => {
        for (const name of 'abc') {
          createTask(() => new Future().finally(() => void seen.push(name)));
        }
        await sleep(0);
      });
    }
    deepEqual(seen, ['a', 'b', 'c']);
  });

  it('a loop that cannot shut down is closed all the same', async () => {
    let loop: EventLoop | undefined;
    const main = async () => {
      loop = getRunningLoop();
      loop.setExceptionHandler(() => {}); // which hears of the task that is left
      createTask(async () => {
        try {
          await new Future();
        } finally {
          getRunningLoop().stop();
          await new Future();
        }
      });
      await sleep(0);
    };
    await rejects(run(main), /Event loop stopped before Future completed/);
    ok(loop?.isClosed());
  });
});
