/**
 * Task.cancel() against CPython, from outside the task: what the body sees, and when.
 *
 * Each test is the twin of the function of that name in scenarios/cancelling.py.
 */

import { createTask, Future, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { bodiesOf } from './bodies.js';
import { Boom, theme } from './stage.js';

describe('cancelling a task, as in asyncio', () => {
  leavesNothingOpen();
  const here = theme('cancelling');
  const same = bodiesOf(here);

  same(
    'a task cancelled before its first step never runs (cancel_before_first_step)',
    'before_the_first_step',
    async ({ log, outcome }, start) => {
      const task = start();
      log(task.cancel(), task.cancelled(), task.cancelling());
      await outcome('await', task);
      log(task.done(), task.cancelled());
    },
  );

  same(
    'a task that waits gets the cancellation at its await',
    'while_waiting',
    async ({ log, outcome }, start) => {
      const future = new Future();
      const task = start(future);
      await sleep(0);
      log(task.cancel(), task.cancelled(), future.cancelled());
      await outcome('await', task);
      log(task.cancelled(), task.cancel());
    },
  );

  same('a sleep is cut short', 'while_sleeping', async ({ log, outcome }, start) => {
    const task = start(() => sleep(1_000_000));
    await sleep(0);
    log(task.cancel());
    await outcome('await', task);
  });

  same('sleep(0) can be cancelled', 'during_sleep_zero', async ({ log, outcome }, start) => {
    const task = start(() => sleep(0));
    await sleep(0);
    log(task.cancel());
    await outcome('await', task);
  });

  same(
    'the cancellation wins over a result that has not been delivered',
    'when_the_future_is_done_already',
    async ({ log, outcome }, start) => {
      const future = new Future();
      const task = start(future);
      await sleep(0);
      future.setResult('too late');
      log(task.cancel());
      await outcome('await', task);
    },
  );

  same(
    'the cancellation wins over an error that has not been delivered',
    'when_the_future_has_failed_already',
    async ({ log, outcome }, start) => {
      const future = new Future();
      const task = start(future);
      await sleep(0);
      future.setException(new Boom('too late'));
      log(task.cancel());
      await outcome('await', task);
    },
  );

  same(
    'a done callback of the awaited future may cancel the task',
    'by_a_callback_of_the_future',
    async ({ log, outcome }, start) => {
      const future = new Future();
      const task = start(future);
      future.addDoneCallback(() => log('callback', task.cancel()));
      await sleep(0);
      future.setResult('result');
      await outcome('await', task);
    },
  );

  same(
    'the first of two cancellations is the one that is seen',
    'twice_while_waiting',
    async ({ log, outcome }, start) => {
      const task = start();
      await sleep(0);
      log(task.cancel('first'), task.cancel('second'), task.cancelling());
      await outcome('await', task);
      log(task.cancelling());
    },
  );

  same(
    'before the first step the last cancellation counts',
    'twice_before_the_first_step',
    async ({ log, outcome }, start) => {
      const task = start();
      log(task.cancel('first'), task.cancel('second'), task.cancelling());
      await outcome('await', task);
    },
  );

  same("a cancellation's message arrives", 'with_message', async ({ outcome }, start) => {
    const task = start();
    await sleep(0);
    task.cancel('the message');
    await outcome('await', task);
  });

  same(
    'a message given before the first step arrives',
    'message_before_the_first_step',
    async ({ outcome }, start) => {
      const task = start();
      task.cancel('the message');
      await outcome('await', task);
    },
  );

  here.sameTask('a task that is done cannot be cancelled', 'when_done', async ({ log }) => {
    const task = createTask(async () => 'result');
    await task;
    log(task.cancel(), task.cancelling(), task.cancelled(), task.result());
  });

  same(
    'tasks see their cancellations in the order of the calls',
    'order_of_cancelled_tasks',
    async ({ outcome }, start) => {
      const tasks = [...'abc'].map((name) => start(undefined, name));
      await sleep(0);
      for (const task of [...tasks].reverse()) task.cancel();
      for (const task of tasks) await outcome('await', task);
    },
  );

  same(
    'a cancelled task calls its done callbacks',
    'done_callbacks_of_cancelled_task',
    async ({ log, outcome }, start) => {
      const task = start();
      task.addDoneCallback((done) => log('callback', done.cancelled()));
      await sleep(0);
      task.cancel();
      await outcome('await', task);
    },
  );
});
