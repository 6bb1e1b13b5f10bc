/**
 * A task that cancels itself, at each point of its life, against CPython.
 *
 * Each test is the twin of the function of that name in scenarios/self_cancelling.py.
 */

import { CancelledError, currentTask, Future, sleep, type Task } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { bodiesOf, type Main, wait, waitOf } from './bodies.js';
import { Boom, theme } from './stage.js';

const me = () => currentTask() as Task;

const onlyAwait: Main = async ({ outcome }, start) => {
  await outcome('await', start());
};

const awaitAndAsk: Main = async ({ log, outcome }, start) => {
  const task = start();
  await outcome('await', task);
  log(task.cancelled());
};

describe('a task that cancels itself, as in asyncio', () => {
  leavesNothingOpen();
  const same = bodiesOf(theme('self_cancelling'));

  same(
    'a task that cancels itself goes on to its next await',
    'inside_itself',
    onlyAwait,
    async (stage, future) => {
      stage.log(me().cancel());
      stage.log('goes on');
      await wait(stage, future);
    },
    function* (stage, future) {
      stage.log(me().cancel());
      stage.log('goes on');
      yield* waitOf(stage, future);
    },
  );

  same(
    'sleep(0) throws the cancellation that came before it',
    'inside_itself_before_sleep_zero',
    onlyAwait,
    async ({ log }) => {
      me().cancel('now');
      try {
        await sleep(0);
      } catch (error) {
        log('sees', error);
      }
      return 'swallowed';
    },
    function* ({ log }) {
      me().cancel('now');
      try {
        yield* sleep(0);
      } catch (error) {
        log('sees', error);
      }
      return 'swallowed';
    },
  );

  same(
    'awaiting a done future does not throw a cancellation',
    'inside_itself_before_a_done_future',
    onlyAwait,
    async (stage, future) => {
      const done = new Future();
      done.setResult('done');
      me().cancel();
      stage.log(await done);
      await wait(stage, future);
    },
    function* (stage, future) {
      const done = new Future();
      done.setResult('done');
      me().cancel();
      stage.log(yield* done);
      yield* waitOf(stage, future);
    },
  );

  same(
    'a task cancelled in its only step is cancelled, whatever it returns',
    'at_the_very_end',
    awaitAndAsk,
    async () => {
      me().cancel('end');
      return 'result';
    },
    // biome-ignore lint/correctness/useYield: ends in its first step
    function* () {
      me().cancel('end');
      return 'result';
    },
  );

  same(
    'a task cancelled in its last step is cancelled, whatever it returns',
    'at_the_end_after_a_wait',
    awaitAndAsk,
    async () => {
      await sleep(0);
      me().cancel();
      return 'result';
    },
    function* () {
      yield* sleep(0);
      me().cancel();
      return 'result';
    },
  );

  same(
    'an error wins over a cancellation that nobody has seen',
    'before_an_error',
    awaitAndAsk,
    async () => {
      me().cancel();
      throw new Boom('x');
    },
    // biome-ignore lint/correctness/useYield: ends in its first step
    function* () {
      me().cancel();
      throw new Boom('x');
    },
  );

  same(
    'a CancelledError of the body cancels the task',
    'raised_by_the_body',
    async ({ log, outcome }, start) => {
      const task = start();
      await outcome('await', task);
      log(task.cancelled(), task.cancelling());
    },
    async () => {
      throw new CancelledError('own');
    },
    // biome-ignore lint/correctness/useYield: fails before it waits
    function* () {
      throw new CancelledError('own');
    },
  );
});
