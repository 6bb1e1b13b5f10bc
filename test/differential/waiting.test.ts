/**
 * await against CPython: of futures, coroutines and tasks, and what may not be awaited.
 *
 * Each test is the twin of the function of that name in scenarios/waiting.py.
 */

import {
  coroutine,
  createTask,
  currentTask,
  Future,
  newEventLoop,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, kind, type Stage, theme } from './stage.js';

describe('await, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('waiting');

  sameTask(
    'awaiting a done future does not give way',
    'done_future_does_not_suspend',
    async ({ loop, log }) => {
      const future = new Future<string>();
      future.setResult('done');
      loop.callSoon(log, 'callback');
      log('before');
      log(await future);
      log(await future);
      log('after');
      await sleep(0);
    },
    function* ({ loop, log }) {
      const future = new Future<string>();
      future.setResult('done');
      loop.callSoon(log, 'callback');
      log('before');
      log(yield* future);
      log(yield* future);
      log('after');
      yield* sleep(0);
    },
  );

  sameTask(
    'awaiting a failed future throws at once',
    'failed_future_does_not_suspend',
    async ({ loop, log, outcome }) => {
      const future = new Future();
      future.setException(new Boom('x'));
      loop.callSoon(log, 'callback');
      await outcome('await', future);
      await sleep(0);
    },
    function* ({ loop, log, outcomeOf }) {
      const future = new Future();
      future.setException(new Boom('x'));
      loop.callSoon(log, 'callback');
      yield* outcomeOf('await', future);
      yield* sleep(0);
    },
  );

  const finishLater = ({ loop, log }: Stage): Future<string> => {
    const future = new Future<string>();
    loop.callSoon(() => {
      log('sets');
      loop.callSoon(log, 'scheduled before');
      future.setResult('result');
      loop.callSoon(log, 'scheduled after');
    });
    loop.callSoon(log, 'same batch');
    return future;
  };

  sameTask(
    'an awaited future resumes its task in its place of the ready queue',
    'pending_future',
    async (stage) => {
      stage.log(await finishLater(stage));
      await sleep(0);
    },
    function* (stage) {
      stage.log(yield* finishLater(stage));
      yield* sleep(0);
    },
  );

  sameTask(
    "an awaited future's exception is thrown at the await",
    'failing_future',
    async ({ loop, outcome }) => {
      const future = new Future();
      loop.callSoon(() => future.setException(new Boom('later')));
      await outcome('await', future);
    },
    function* ({ loop, outcomeOf }) {
      const future = new Future();
      loop.callSoon(() => future.setException(new Boom('later')));
      yield* outcomeOf('await', future);
    },
  );

  sameTask(
    'an awaited future that is cancelled throws, and the task is not cancelled by that',
    'cancelled_future',
    async ({ loop, log, outcome }) => {
      const future = new Future();
      loop.callSoon(() => future.cancel('message'));
      await outcome('await', future);
      log(currentTask()?.cancelling());
    },
    function* ({ loop, log, outcomeOf }) {
      const future = new Future();
      loop.callSoon(() => future.cancel('message'));
      yield* outcomeOf('await', future);
      log(currentTask()?.cancelling());
    },
  );

  sameTask(
    'sleep(0) gives way for one batch',
    'sleep_zero_order',
    async ({ loop, log }) => {
      loop.callSoon(log, 'a');
      await sleep(0);
      log('after one');
      loop.callSoon(log, 'b');
      loop.callSoon(() => loop.callSoon(log, 'c'));
      await sleep(0);
      log('after two');
      await sleep(0);
      log('after three');
    },
    function* ({ loop, log }) {
      loop.callSoon(log, 'a');
      yield* sleep(0);
      log('after one');
      loop.callSoon(log, 'b');
      loop.callSoon(() => loop.callSoon(log, 'c'));
      yield* sleep(0);
      log('after two');
      yield* sleep(0);
      log('after three');
    },
  );

  sameTask(
    'sleeping for less than nothing is sleep(0)',
    'sleep_negative',
    async ({ loop, log }) => {
      loop.callSoon(log, 'callback');
      log(await sleep(-1000, 'result'));
    },
  );

  sameTask(
    'sleep() gives its result',
    'sleep_result',
    async ({ log }) => {
      log(await sleep(0, 'zero'));
      log(await sleep(1, 'some'));
      log(await sleep(0));
    },
    function* ({ log }) {
      log(yield* sleep(0, 'zero'));
      log(yield* sleep(1, 'some'));
      log(yield* sleep(0));
    },
  );

  sameTask('the shorter sleep ends first', 'sleeps_in_order', async ({ log }) => {
    const work = coroutine(async (name: string, delay: number) => {
      await sleep(delay);
      log(name);
    });
    const first = createTask(work('first', 1));
    await createTask(work('second', 4));
    log(first.done());
  });

  const otherLoop = (error: unknown) =>
    `${kind(error)} ${(error as Error).message.endsWith('attached to a different loop')}`;

  sameTask(
    'a future of another loop is refused (other_loop_future)',
    'future_of_another_loop',
    async ({ log }) => {
      using other = newEventLoop();
      const future = other.createFuture();
      try {
        await future;
      } catch (error) {
        log(otherLoop(error));
      }
      log(future.done());
    },
    function* ({ log }) {
      using other = newEventLoop();
      const future = other.createFuture();
      try {
        yield* future;
      } catch (error) {
        log(otherLoop(error));
      }
      log(future.done());
    },
  );

  sameTask(
    'a done future of another loop is as good as any',
    'done_future_of_another_loop',
    async ({ log }) => {
      using other = newEventLoop();
      const future = other.createFuture();
      future.setResult('fine');
      log(await future);
    },
    function* ({ log }) {
      using other = newEventLoop();
      const future = other.createFuture();
      future.setResult('fine');
      log(yield* future);
    },
  );

  sameTask('a done future does not change the turns', 'task_of_done_future', async (stage) => {
    const { loop, log } = stage;
    const future = new Future<number>();
    future.setResult(1);
    const work = async (name: string) => {
      log(name, await future);
      await sleep(0);
      log(name, 'end');
    };
    const tasks = [...'abc'].map((name) => createTask(() => work(name)));
    loop.callSoon(log, 'callback');
    for (const task of tasks) await task;
  });
});
