/**
 * run() against asyncio.run: results, errors, and what becomes of the tasks that are left.
 *
 * Each test is the twin of the function of that name in scenarios/running.py.
 */

import {
  createTask,
  currentTask,
  type EventLoop,
  Future,
  getRunningLoop,
  run,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { wait } from './bodies.js';
import { Boom, kind, type Stage, theme } from './stage.js';

describe('run(), as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('running');

  /** Runs a main function with the stage's exception handler, and logs what comes of it. */
  const sameRun = (title: string, name: string, main: (stage: Stage) => Promise<unknown>) =>
    same(title, name, (stage) => {
      const handler = stage.loop.getExceptionHandler();
      const withHandler = () => {
        getRunningLoop().setExceptionHandler(handler);
        return main(stage);
      };
      return stage.outcome('run', run(withHandler));
    });

  sameRun('run() gives the result', 'result', async () => {
    await sleep(0);
    return 'result';
  });

  sameRun('run() throws the error', 'error', async () => {
    throw new Boom('main');
  });

  sameRun('run() throws when main is cancelled', 'cancelled', async () => {
    currentTask()?.cancel('own');
    await sleep(0);
  });

  same('run() closes its loop', 'loop_is_closed', async ({ loop: other, log }) => {
    const loop = await run(async () => getRunningLoop());
    log(loop.isClosed(), loop.isRunning(), loop === other);
  });

  same('run() is refused inside a running loop', 'inside_a_loop', ({ log }) =>
    run(async () => {
      await run(async () => log('never')).catch((error) => log(kind(error)));
      log('goes on');
    }),
  );

  sameRun('a task that is left is cancelled', 'task_is_left', async (stage) => {
    createTask(() => wait(stage, new Future(), 'left'));
    await sleep(0);
    stage.log('main ends');
    return 'result';
  });

  sameRun('a task left by a failure is cancelled', 'task_is_left_by_an_error', async (stage) => {
    createTask(() => wait(stage, new Future(), 'left'));
    await sleep(0);
    throw new Boom('main');
  });

  sameRun(
    'a task left before its first step never runs',
    'task_is_left_unstarted',
    async (stage) => {
      const left = createTask(() => wait(stage, new Future(), 'left'));
      left.addDoneCallback((task) => stage.log('left', task.cancelled()));
      return 'result';
    },
  );

  sameRun(
    'run() waits for the tasks that are left',
    'left_task_takes_its_time',
    async ({ log }) => {
      createTask(async () => {
        try {
          await new Future();
        } finally {
          for (let step = 0; step < 3; step++) {
            log('cleans', step);
            await sleep(0);
          }
          await sleep(1);
          log('clean');
        }
      });
      await sleep(0);
    },
  );

  sameRun('the error of a task that is left is reported', 'left_task_fails', async () => {
    createTask(async () => {
      try {
        await new Future();
      } catch {
        throw new Boom('left');
      }
    });
    await sleep(0);
    return 'result';
  });

  sameRun(
    'a task that is left may swallow its cancellation',
    'left_task_swallows',
    async (stage) => {
      createTask(async () => {
        try {
          await new Future();
        } catch {
          stage.log('swallows');
        }
        await sleep(0);
        stage.log('ends');
      });
      await sleep(0);
    },
  );

  same('each run has a loop of its own', 'one_after_another', async ({ log }) => {
    const loops: EventLoop[] = [];
    const main = async () => void loops.push(getRunningLoop());
    await run(main);
    await run(main);
    log(loops[0] === loops[1]);
  });

  same('run() switches debug mode', 'debug', async ({ log }) => {
    const main = async () => log(getRunningLoop().getDebug());
    await run(main);
    await run(main, { debug: true });
    await run(main, { debug: false });
  });

  sameRun('timers that are left never run', 'timer_is_left', async ({ log }) => {
    getRunningLoop().callLater(1_000_000, log, 'never');
    return 'result';
  });
});
