/**
 * run() beyond what test/differential/running compares: its options, its loop, what it refuses.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  allTasks,
  coroutine,
  createTask,
  type EventLoop,
  Future,
  getEventLoop,
  getRunningLoop,
  newEventLoop,
  RuntimeError,
  run,
  sleep,
} from '../../src/index.js';
import { runChild } from '../core/child.js';
import { leavesNothingOpen } from '../support.js';

describe('run()', () => {
  leavesNothingOpen();

  it('takes an async function, a coroutine, a generator function and a generator', async () => {
    const work = coroutine(async (value: number) => value);
    const steps = function* () {
      yield* sleep(0);
      return 2;
    };
    const results: number[] = [
      await run(async () => 0),
      await run(work(1)),
      await run(steps),
      await run(steps()),
    ];
    deepEqual(results, [0, 1, 2, 2]);
  });

  it('is refused in a task and in a callback', async () => {
    const message = /cannot be called from a running event loop/;
    await run(async () => {
      await rejects(
        run(async () => {}),
        message,
      );
      const refusal = new Future<unknown>();
      getRunningLoop().callSoon(() => {
        run(async () => {}).catch((error) => refusal.setResult(error));
      });
      ok((await refusal) instanceof RuntimeError);
    });
  });

  it('can follow a loop that ran by itself', async () => {
    using loop = newEventLoop();
    await loop.runUntilComplete(async () => await sleep(0));
    equal(await run(async () => 'second'), 'second');
    await loop.runUntilComplete(async () => await sleep(0));
  });

  it('several can run at the same time, each with its own loop', async () => {
    const main = (name: string) => async () => {
      const loop = getRunningLoop();
      await sleep(1);
      ok(getRunningLoop() === loop);
      return [name, allTasks().size];
    };
    deepEqual(await Promise.all([run(main('a')), run(main('b'))]), [
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('the loop is closed afterwards, and forgotten', async () => {
    let loop: EventLoop | undefined;
    await rejects(
      run(async () => {
        loop = getEventLoop();
        throw new RangeError('x');
      }),
      RangeError,
    );
    equal(loop?.isClosed(), true);
    using other = getEventLoop();
    ok(other !== loop && !other.isClosed());
  });

  it('the loop comes from loopFactory', async () => {
    const made: EventLoop[] = [];
    const loopFactory = () => {
      const loop = newEventLoop();
      made.push(loop);
      return loop;
    };
    await run(async () => ok(getRunningLoop() === made[0]), { loopFactory });
    equal(made.length, 1);
    equal(made[0]?.isClosed(), true);
  });

  it('a failing loopFactory rejects', () =>
    rejects(
      run(async () => {}, {
        loopFactory: () => {
          throw new RangeError('factory');
        },
      }),
      RangeError,
    ));

  it('debug mode comes from the option, else from the environment', async () => {
    const program = `
      const debug = async () => uvio.getRunningLoop().getDebug();
      console.log(await uvio.run(debug), await uvio.run(debug, { debug: false }));`;
    for (const [name, value, expected] of [
      ['UVIO_DEBUG', '1', 'true false'],
      ['PYTHONASYNCIODEBUG', '1', 'true false'],
      ['UVIO_DEBUG', '', 'false false'],
    ] as const) {
      const { lines } = await runChild(program, { env: { [name]: value } });
      deepEqual(lines, [expected], `${name}=${value}`);
    }
  });

  it('a body that is refused leaves no loop', async () => {
    await rejects(run(5 as never), TypeError);
    await rejects(run(Promise.resolve() as never), TypeError);
  });

  it('tasks that are left see their cancellation before run() settles', async () => {
    const seen: string[] = [];
    await run(async () => {
      for (const name of 'ab') {
        createTask(async () => {
          try {
            await sleep(1_000_000);
          } catch (error) {
            seen.push(`${name} ${(error as Error).name}`);
            throw error;
          }
        });
      }
      await sleep(0);
    });
    deepEqual(seen, ['a CancelledError', 'b CancelledError']);
  });

  it('tasks made while the others end are left behind, and nothing of them runs', async () => {
    const ending = await runChild(
      `await uvio.run(async () => {
         uvio.createTask(async () => {
           try { await new uvio.Future(); }
           finally { uvio.createTask(async () => { await uvio.sleep(1_000_000); }); }
         });
         await uvio.sleep(0);
       });
       console.log('end');`,
    );
    deepEqual([ending.code, ending.lines], [0, ['end']]);
  });

  it('the SIGINT listener goes when run() ends', async () => {
    const before = process.listenerCount('SIGINT');
    await run(async () => equal(process.listenerCount('SIGINT'), before + 1));
    await rejects(
      run(async () => Promise.reject(new Error('x'))),
      { message: 'x' },
    );
    await run(async () => equal(process.listenerCount('SIGINT'), before), { signals: false });
    equal(process.listenerCount('SIGINT'), before);
  });

  it('a hundred runs leave nothing open', async () => {
    for (let count = 0; count < 100; count++) await run(async () => await sleep(0));
  });
});
