/**
 * Cancellation against CPython, from inside the body: own cancellations, those that are swallowed or
 * replaced, and the counts of cancelling() and uncancel().
 *
 * Each test is the twin of the function of that name in scenarios/swallowing.py.
 */

import { CancelledError, currentTask, Future, sleep, type Task } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { bodiesOf, wait, waitOf } from './bodies.js';
import { Boom, theme } from './stage.js';

const me = () => currentTask() as Task;

function swallow(error: unknown): void {
  if (!(error instanceof CancelledError)) throw error;
}

describe('cancellation inside a task, as in asyncio', () => {
  leavesNothingOpen();
  const same = bodiesOf(theme('swallowing'));

  same(
    'a task may swallow its cancellation',
    'swallowed',
    async ({ log, outcome }, start) => {
      const task = start();
      await sleep(0);
      task.cancel();
      await outcome('await', task);
      log(task.cancelled(), task.cancelling());
    },
    async ({ log }, future) => {
      try {
        await future;
      } catch (error) {
        swallow(error);
        log('swallows');
      }
      return 'result';
    },
    function* ({ log }, future) {
      try {
        yield* future as Future<unknown>;
      } catch (error) {
        swallow(error);
        log('swallows');
      }
      return 'result';
    },
  );

  const second = new WeakMap<object, Future<unknown>>();
  const secondOf = (stage: object) => second.get(stage) as Future<unknown>;

  same(
    'a swallowed cancellation is over: later awaits wait',
    'swallowed_and_awaited_again',
    async (stage, start) => {
      second.set(stage, new Future());
      const task = start();
      await sleep(0);
      task.cancel();
      for (let batch = 0; batch < 3; batch++) await sleep(0);
      stage.log(task.done());
      secondOf(stage).setResult('second');
      await stage.outcome('await', task);
    },
    async (stage, future) => {
      try {
        await future;
      } catch (error) {
        swallow(error);
        stage.log('swallows');
      }
      await sleep(0);
      stage.log('slept');
      await wait(stage, secondOf(stage));
    },
    function* (stage, future) {
      try {
        yield* future as Future<unknown>;
      } catch (error) {
        swallow(error);
        stage.log('swallows');
      }
      yield* sleep(0);
      stage.log('slept');
      yield* waitOf(stage, secondOf(stage));
    },
  );

  same(
    'a task that swallowed a cancellation can be cancelled again',
    'swallowed_and_cancelled_again',
    async ({ log, outcome }, start) => {
      const task = start();
      await sleep(0);
      task.cancel('one');
      await sleep(0);
      task.cancel('two');
      await outcome('await', task);
      log(task.cancelling());
    },
    async ({ log }) => {
      for (let attempt = 0; attempt < 2; attempt++) {
        try {
          await new Future();
        } catch (error) {
          log(attempt, error);
        }
      }
      return 'result';
    },
    function* ({ log }) {
      for (let attempt = 0; attempt < 2; attempt++) {
        try {
          yield* new Future();
        } catch (error) {
          log(attempt, error);
        }
      }
      return 'result';
    },
  );

  same(
    'an error may replace a cancellation',
    'replaced_by_an_error',
    async (stage, start) => {
      const task = start();
      await sleep(0);
      task.cancel();
      await stage.outcome('await', task);
      stage.log(task.cancelled());
    },
    async (_stage, future) => {
      try {
        await future;
      } catch {
        throw new Boom('instead');
      }
    },
    function* (_stage, future) {
      try {
        yield* future as Future<unknown>;
      } catch {
        throw new Boom('instead');
      }
    },
  );

  same(
    'a finally may wait while a cancellation is on its way',
    'finally_that_waits',
    async (stage, start) => {
      second.set(stage, new Future());
      const task = start();
      await sleep(0);
      task.cancel();
      for (let batch = 0; batch < 3; batch++) await sleep(0);
      stage.log(task.done());
      secondOf(stage).setResult('clean');
      await stage.outcome('await', task);
    },
    async (stage, future) => {
      try {
        await future;
      } finally {
        stage.log('finally');
        await sleep(0);
        stage.log('slept');
        await wait(stage, secondOf(stage));
      }
    },
    function* (stage, future) {
      try {
        yield* future as Future<unknown>;
      } finally {
        stage.log('finally');
        yield* sleep(0);
        stage.log('slept');
        yield* waitOf(stage, secondOf(stage));
      }
    },
  );

  const count = (task: Task) => [task.cancelling(), task.uncancel(), task.cancelling()];

  same(
    'cancelling() counts the cancellations and uncancel() takes one back',
    'counts',
    async ({ outcome }, start) => {
      const task = start();
      await sleep(0);
      task.cancel();
      task.cancel();
      await sleep(0);
      task.cancel();
      await outcome('await', task);
    },
    async ({ log }) => {
      log(me().cancelling(), me().uncancel());
      try {
        await new Future();
      } catch {
        log(...count(me()), me().uncancel());
      }
      try {
        await new Future();
      } catch {
        log(me().cancelling(), me().uncancel(), me().uncancel());
      }
    },
    function* ({ log }) {
      log(me().cancelling(), me().uncancel());
      try {
        yield* new Future();
      } catch {
        log(...count(me()), me().uncancel());
      }
      try {
        yield* new Future();
      } catch {
        log(me().cancelling(), me().uncancel(), me().uncancel());
      }
    },
  );
});
