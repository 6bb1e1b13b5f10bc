/**
 * Runner against asyncio.Runner: several runs on one loop, and the order at the end.
 *
 * Each test is the twin of the function of that name in scenarios/runners.py.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import {
  coroutine,
  createTask,
  currentTask,
  type EventLoop,
  Future,
  getRunningLoop,
  newEventLoop,
  Runner,
  sleep,
  type Task,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { wait } from './bodies.js';
import { Boom, kind, type Stage, theme } from './stage.js';

const word = new AsyncLocalStorage<string>();

/** Sets the context's word; returns the old one. */
async function exchange(next: string): Promise<string | undefined> {
  const old = word.getStore();
  word.enterWith(next);
  return old;
}

async function look(): Promise<string> {
  return word.getStore() ?? 'none';
}

/** A Runner with the stage's exception handler. */
function newRunner(stage: Stage): Runner {
  const runner = new Runner();
  runner.getLoop().setExceptionHandler(stage.loop.getExceptionHandler());
  return runner;
}

describe('Runner, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('runners');

  same('several runs share a loop', 'several_runs', async (stage) => {
    const loops: EventLoop[] = [];
    const main = (value: number) => async () => {
      loops.push(getRunningLoop());
      await sleep(0);
      return value;
    };
    {
      await using runner = newRunner(stage);
      stage.log(await runner.run(main(1)), await runner.run(main(2)));
      const [loop] = loops;
      stage.log(loop === loops[1], loop === runner.getLoop(), loop?.isRunning());
    }
    stage.log(loops[0]?.isClosed());
  });

  same(
    'a run that fails leaves the runner usable',
    'run_fails_and_the_next_works',
    async (stage) => {
      await using runner = newRunner(stage);
      const fails = () => Promise.reject(new Boom('main'));
      await stage.outcome('first', runner.run(fails));
      await stage.outcome(
        'second',
        runner.run(async () => 'works'),
      );
    },
  );

  same('a main task that cancels itself rejects', 'main_cancels_itself', async (stage) => {
    await using runner = newRunner(stage);
    const main = async () => {
      currentTask()?.cancel('own');
      await sleep(0);
    };
    await stage.outcome('first', runner.run(main));
    await stage.outcome('second', runner.run(look));
  });

  same('all runs share a context of their own', 'context_is_kept', (stage) =>
    word.run('outside', async () => {
      await using runner = newRunner(stage);
      stage.log(await runner.run(() => exchange('first')));
      stage.log(await runner.run(coroutine(() => exchange('second'))()));
      stage.log(await runner.run(look));
      stage.log(word.getStore());
    }),
  );

  same(
    'the context is that in which the loop was made',
    'context_of_the_first_use',
    async (stage) => {
      await using runner = new Runner();
      word.run('early', () => runner.getLoop());
      stage.log(await word.run('late', () => runner.run(look)));
    },
  );

  same('a run may be given a context', 'context_given', async (stage) => {
    const context = word.run('given', () => AsyncLocalStorage.snapshot());
    await using runner = newRunner(stage);
    stage.log(await runner.run(look));
    stage.log(await runner.run(() => exchange('set by main'), { context }));
    stage.log(await runner.run(look));
  });

  same('a task may outlive the run that made it', 'task_outlives_a_run', async (stage) => {
    await using runner = newRunner(stage);
    const future = new Future<string>();
    let task: Task<void> | undefined;
    await runner.run(async () => {
      task = createTask(() => wait(stage, future));
      await sleep(0);
      stage.log('first ends');
    });
    await runner.run(async () => {
      future.setResult('result');
      await task;
      stage.log('second ends');
    });
  });

  same('a closed runner stays closed', 'closed', async (stage) => {
    const runner = newRunner(stage);
    const loop = runner.getLoop();
    await runner.close();
    await runner.close();
    stage.log(loop.isClosed());
    stage.attempt('getLoop', () => runner.getLoop());
    await stage.outcome('run', runner.run(look));
  });

  same(
    'closing a runner that has made no loop does nothing',
    'closed_before_use',
    async (stage) => {
      const runner = new Runner();
      await runner.close();
      await stage.outcome('run', runner.run(look));
      await runner.close();
      stage.attempt('getLoop', () => runner.getLoop());
    },
  );

  same('it does not run inside a running loop', 'inside_a_running_loop', async (stage) => {
    await using runner = newRunner(stage);
    const main = async () => {
      await runner.run(look).catch(stage.log);
      return 'goes on';
    };
    await stage.outcome('run', runner.run(main));
  });

  same('it is closed when its block fails', 'block_fails', async (stage) => {
    let loop: EventLoop | undefined;
    try {
      await using runner = newRunner(stage);
      loop = runner.getLoop();
      throw new Boom('block');
    } catch (error) {
      stage.log(error);
    }
    stage.log(loop?.isClosed());
  });

  same('the loop comes from loopFactory, once', 'loop_factory', async (stage) => {
    const made: EventLoop[] = [];
    const loopFactory = () => {
      const loop = newEventLoop();
      made.push(loop);
      return loop;
    };
    const main = async () => getRunningLoop() === made[0];
    {
      await using runner = new Runner({ loopFactory });
      stage.log(await runner.run(main), await runner.run(main), made.length);
    }
    stage.log(made[0]?.isClosed());
  });

  same('it switches debug mode', 'debug', async (stage) => {
    for (const debug of [true, false]) {
      await using runner = new Runner({ debug });
      stage.log(runner.getLoop().getDebug());
    }
  });

  same('at the end: tasks, their errors, async generators', 'order_at_the_end', async (stage) => {
    const { log } = stage;
    const ticks = coroutine(async function* () {
      try {
        yield 1;
      } finally {
        log('generator begins to close');
        await sleep(0);
        log('generator is closed');
        // biome-ignore lint/correctness/noUnsafeFinally: what fails is the closing
        throw new Boom('generator');
      }
    });
    const generator = ticks();
    let left: Task | undefined;
    let loop: EventLoop;
    {
      await using runner = newRunner(stage);
      loop = runner.getLoop();
      const main = async () => {
        left = createTask(async () => {
          try {
            await new Future();
          } catch {
            log('task is cancelled');
            await sleep(0);
            throw new Boom('task');
          }
        });
        log((await generator.next()).value);
        loop.callLater(1_000_000, log, 'never');
        return 'result';
      };
      log(await runner.run(main));
      left?.addDoneCallback(() => log('task is done'));
    }
    log(loop.isClosed(), kind(left?.exception()));
  });

  same('a task that stops the loop at the end', 'left_task_stops_the_loop', async (stage) => {
    const runner = newRunner(stage);
    const loop = runner.getLoop();
    await runner.run(async () => {
      createTask(async () => {
        try {
          await new Future();
        } finally {
          getRunningLoop().stop();
          stage.log('stops');
          await sleep(0);
          await sleep(0);
        }
      });
      await sleep(0);
    });
    await stage.outcome('close', runner.close());
    stage.log(loop.isClosed());
    await stage.outcome('close', runner.close());
  });
});
