/**
 * The event loop against CPython: running, stopping, closing.
 *
 * Each test is the twin of the function of that name in scenarios/loops.py. What runs behind stop() in
 * later batches is not compared: a loop of uvio turns whenever it has work.
 */

import { type EventLoop, Future, getEventLoop, getRunningLoop, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, kind, type Log, type Stage, theme } from './stage.js';

async function attemptAsync(log: Log, what: string, call: () => Promise<unknown>): Promise<void> {
  try {
    log(what, await call());
  } catch (error) {
    log(what, error);
  }
}

describe('loops, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('loops');

  same('runUntilComplete() gives the result', 'until_complete', async ({ loop, log }) => {
    const main = async () => {
      log('main', loop.isRunning());
      await sleep(0);
      return 'result';
    };
    log(loop.isRunning());
    log(await loop.runUntilComplete(main));
    log(loop.isRunning(), loop.isClosed());
  });

  same('runUntilComplete() throws the error', 'until_complete_fails', async ({ loop, log }) => {
    const main = async () => {
      throw new Boom('main');
    };
    await attemptAsync(log, 'run', () => loop.runUntilComplete(main));
    log(loop.isRunning());
  });

  same('runUntilComplete() takes a future, done or not', 'until_future', async ({ loop, log }) => {
    const future = new Future<string>({ loop });
    loop.callSoon(() => future.setResult('result'));
    log(await loop.runUntilComplete(future));
    log(await loop.runUntilComplete(future));
  });

  same('runUntilComplete() takes a failed future', 'until_failed_future', ({ loop, log }) => {
    const future = new Future({ loop });
    future.setException(new Boom('future'));
    return attemptAsync(log, 'run', () => loop.runUntilComplete(future));
  });

  same('runUntilComplete() of a cancelled task throws', 'until_cancelled_task', (stage) => {
    const { loop, log } = stage;
    const task = loop.createTask(async () => {
      await new Future();
    });
    loop.callSoon(() => task.cancel('why'));
    return attemptAsync(log, 'run', () => loop.runUntilComplete(task));
  });

  same(
    'a loop that is stopped before the future is done says so, and can run on',
    'stopped_before_complete',
    async ({ loop, log }) => {
      const future = new Future<string>({ loop });
      loop.callSoon(() => loop.stop());
      await attemptAsync(log, 'run', () => loop.runUntilComplete(future));
      loop.callSoon(() => future.setResult('later'));
      log(await loop.runUntilComplete(future));
    },
  );

  same('stop() lets the batch end', 'forever', async ({ loop, log }) => {
    loop.callSoon(log, 'a');
    loop.callSoon(() => {
      log('stops', loop.isRunning());
      loop.stop();
    });
    loop.callSoon(log, 'rest of the batch');
    await attemptAsync(log, 'forever', () => loop.runForever());
    log(loop.isRunning());
  });

  same(
    'a loop stopped before it runs, runs one batch (run_forever_pre_stopped)',
    'forever_stopped_before',
    async (stage) => {
      stage.loop.callSoon(stage.log, 'ready');
      stage.loop.stop();
      await stage.loop.runForever();
      stage.log('returned');
    },
  );

  const runTo = async ({ loop, log }: Stage, prepare: (loop: EventLoop) => void) => {
    prepare(loop);
    await loop.runForever();
    log('returned');
  };

  same('a loop can run again', 'forever_twice', async (stage) => {
    for (const name of 'ab') {
      await runTo(stage, (loop) => {
        loop.callSoon(stage.log, name);
        loop.callSoon(() => loop.stop());
      });
    }
  });

  same('stopping twice is stopping once', 'stopped_twice', (stage) =>
    runTo(stage, (loop) => {
      loop.callSoon(() => loop.stop());
      loop.callSoon(() => loop.stop());
      loop.callSoon(stage.log, 'batch');
    }),
  );

  same('a timer may stop the loop', 'stopped_by_timer', async ({ loop, log }) => {
    loop.callLater(1, () => loop.stop());
    await loop.runForever();
    log('returned', loop.isRunning());
  });

  same('a running loop cannot be closed', 'running_cannot_close', ({ loop, log }) =>
    loop.runUntilComplete(async () => {
      try {
        loop.close();
      } catch (error) {
        log(error);
      }
      log(loop.isClosed());
    }),
  );

  same('a closed loop cannot run', 'closed', async ({ loop, log }) => {
    loop.close();
    loop.close();
    log(loop.isClosed(), loop.isRunning());
    await attemptAsync(log, 'forever', () => loop.runForever());
    const future = new Future({ loop });
    await attemptAsync(log, 'until', () => loop.runUntilComplete(future));
  });

  same('the running loop is known in callbacks and tasks', 'running_loop', async (stage) => {
    const { loop, log, attempt } = stage;
    attempt('outside', getRunningLoop);
    loop.callSoon(() => log('callback', getRunningLoop() === loop));
    await loop.runUntilComplete(async () => {
      log('task', getRunningLoop() === loop);
      await sleep(0);
      log('task', getRunningLoop() === loop);
    });
    attempt('outside', getRunningLoop);
  });

  same(
    'timers and done callbacks know the running loop',
    'running_loop_in_callbacks',
    ({ loop, log, turns }) => {
      const here = (name: string) => log(name, getRunningLoop() === loop, getEventLoop() === loop);
      const future = new Future<void>({ loop });
      future.addDoneCallback(() => here('done callback'));
      loop.callLater(-1000, () => here('timer'));
      loop.callSoon(() => future.setResult());
      return turns(3);
    },
  );

  same('debug mode can be switched', 'debug', ({ loop, log }) => {
    log(loop.getDebug());
    loop.setDebug(true);
    log(loop.getDebug());
    loop.setDebug(false);
    log(loop.getDebug());
  });

  same('loops do not know each other', 'two_loops', async ({ loop, log, turns }) => {
    using other = new (loop.constructor as new () => EventLoop)();
    log(other === loop);
    log(kind(other.createFuture()));
    const ran = new Future<void>({ loop: other });
    loop.callSoon(log, 'loop');
    await turns(1);
    other.callSoon(log, 'other');
    other.callSoon(() => ran.setResult());
    await other.runUntilComplete(ran);
    other.close();
    log(loop.isClosed(), other.isClosed());
  });
});
