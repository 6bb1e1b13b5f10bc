/**
 * runInExecutor, toThread and the default executor against asyncio's.
 *
 * Each test is the twin of the function of that name in scenarios/executors.py. What runs in a worker waits on
 * shared memory there, where Python's waits for a threading.Event.
 */

import {
  createTask,
  type Executor,
  Future,
  gather,
  getRunningLoop,
  newEventLoop,
  ProcessPoolExecutor,
  run,
  sleep,
  type Task,
  ThreadPoolExecutor,
  toThread,
} from '../../src/index.js';
import { hold, Shared } from '../loop/executor_support.js';
import { leavesNothingOpen } from '../support.js';
import { kind, theme } from './stage.js';

const add = (left: number, right: number): number => left + right;

function fails(): never {
  throw new Error('from the thread');
}

describe('executors, as in asyncio', () => {
  leavesNothingOpen();
  const { same, sameTask } = theme('executors');

  sameTask('a result, and an exception', 'result_and_exception', async (stage) => {
    const { loop, log, outcome } = stage;
    await outcome('result', loop.runInExecutor(null, add, 1, 2));
    const future = loop.runInExecutor(null, add, 1, 2);
    log(future instanceof Future, future.done(), future.getLoop() === loop);
    log(await future, future.done());
    try {
      await loop.runInExecutor(null, fails);
    } catch (error) {
      log((error as Error).message);
    }
    await loop.shutdownDefaultExecutor();
  });

  sameTask('to_thread', 'to_thread', async ({ loop, log }) => {
    log(await toThread(add, 1, 2));
    log(await gather([0, 1, 2, 3, 4].map((value) => toThread(add, value, 1))));
    await loop.shutdownDefaultExecutor();
  });

  sameTask('a call that is cancelled in the queue', 'cancelled_in_the_queue', async (stage) => {
    const { loop, log, outcome } = stage;
    const shared = new Shared();
    await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    const running = loop.runInExecutor(executor, hold, shared.memory);
    await shared.leaves(0);
    const queued = loop.runInExecutor(executor, add, 1, 2);
    const last = loop.runInExecutor(executor, add, 3, 4);
    log(queued.cancel(), queued.cancelled(), queued.cancel());
    shared.value = 2;
    log(await running);
    await outcome('queued', queued);
    await outcome('last', last);
  });

  sameTask('a shutdown with calls in the queue', 'shut_down_with_a_queue', async (stage) => {
    const { loop, log, attempt } = stage;
    const begin = async () => {
      const shared = new Shared();
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const running = loop.runInExecutor(executor, hold, shared.memory);
      await shared.leaves(0);
      return { shared, executor, running, queued: loop.runInExecutor(executor, add, 1, 2) };
    };
    const first = await begin();
    first.executor.shutdown({ wait: false });
    attempt('submit', () => loop.runInExecutor(first.executor, add, 1, 2));
    first.shared.value = 2;
    log(await first.running, await first.queued);
    await first.executor.shutdown();

    const second = await begin();
    second.executor.shutdown({ wait: false, cancelFutures: true });
    second.shared.value = 2;
    log(await second.running);
    try {
      await second.queued;
    } catch (error) {
      log(kind(error));
    }
    await second.executor.shutdown();
  });

  sameTask('the type of the default executor', 'default_executor_type', async (stage) => {
    const { loop, log, attempt } = stage;
    for (const executor of [null, 5, new ProcessPoolExecutor()]) {
      attempt('set', () => loop.setDefaultExecutor(executor as never));
    }
    await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    attempt('set', () => loop.setDefaultExecutor(executor));
    log(await loop.runInExecutor(null, add, 1, 2));
  });

  sameTask('after the default executor’s end', 'after_shutdown', async (stage) => {
    const { loop, log, attempt, outcome } = stage;
    log(await loop.shutdownDefaultExecutor());
    attempt('run', () => loop.runInExecutor(null, add, 1, 2));
    await outcome('to_thread', (async () => toThread(add, 1, 2))());
    await using executor: Executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    log(await loop.runInExecutor(executor, add, 1, 2));
    loop.setDefaultExecutor(executor as ThreadPoolExecutor);
    attempt('run', () => loop.runInExecutor(null, add, 1, 2));
    log(await loop.shutdownDefaultExecutor());
  });

  same('after the loop was closed', 'after_close', async (stage) => {
    const loop = newEventLoop();
    await loop.runUntilComplete(loop.runInExecutor(null, add, 1, 2));
    loop.close();
    stage.attempt('run', () => loop.runInExecutor(null, add, 1, 2));
  });

  same('the end of run()', 'the_end_of_run', async ({ log }) => {
    let task: Task<void> | undefined;
    let call: Future<number> | undefined;
    const main = async () => {
      const loop = getRunningLoop();
      const rest = async () => {
        try {
          await sleep(3_600_000);
        } finally {
          log('task ends', await loop.runInExecutor(null, add, 1, 2));
        }
      };
      task = createTask(rest);
      call = loop.runInExecutor(null, add, 3, 4);
      await sleep(0);
      return 'main';
    };
    log(await run(main));
    log(task?.cancelled(), call?.result());
  });
});
