/**
 * The order of the steps of tasks against CPython, among each other and among callbacks.
 *
 * Each test is the twin of the function of that name in scenarios/stepping.py.
 */

import { coroutine, createTask, Future, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { steps, stepsOf } from './bodies.js';
import { kind, theme } from './stage.js';

describe('steps of tasks, as in asyncio', () => {
  leavesNothingOpen();
  const { same, sameTask } = theme('stepping');

  sameTask(
    'createTask() does not take the first step',
    'first_step_is_scheduled',
    async ({ log }) => {
      const task = createTask(() => steps(log, 'task'));
      log('created', task.done());
      log(await task);
    },
    function* ({ log }) {
      const task = createTask(stepsOf(log, 'task'));
      log('created', task.done());
      log(yield* task);
    },
  );

  sameTask(
    'tasks step in turn',
    'several_in_turn',
    async ({ log }) => {
      const tasks = [...'abc'].map((name) => createTask(() => steps(log, name)));
      for (const task of tasks) log('result', await task);
    },
    function* ({ log }) {
      const tasks = [...'abc'].map((name) => createTask(stepsOf(log, name)));
      for (const task of tasks) log('result', yield* task);
    },
  );

  sameTask(
    'tasks and callbacks share one queue',
    'among_callbacks',
    async ({ loop, log }) => {
      loop.callSoon(log, 'callback 1');
      const task = createTask(() => steps(log, 'a', 1));
      loop.callSoon(log, 'callback 2');
      await sleep(0);
      log('main');
      loop.callSoon(log, 'callback 3');
      await task;
      log('main ends');
    },
    function* ({ loop, log }) {
      loop.callSoon(log, 'callback 1');
      const task = createTask(stepsOf(log, 'a', 1));
      loop.callSoon(log, 'callback 2');
      yield* sleep(0);
      log('main');
      loop.callSoon(log, 'callback 3');
      yield* task;
      log('main ends');
    },
  );

  sameTask(
    'tasks end in the batch of their last step',
    'of_different_length',
    async ({ log }) => {
      const tasks = [3, 1, 2, 0].map((count) => createTask(() => steps(log, `${count}`, count)));
      for (const task of tasks) await task;
      log('end');
    },
    function* ({ log }) {
      const tasks = [3, 1, 2, 0].map((count) => createTask(stepsOf(log, `${count}`, count)));
      for (const task of tasks) yield* task;
      log('end');
    },
  );

  sameTask(
    'tasks made by a task run after it',
    'spawns_task',
    async ({ log }) => {
      const child = (name: string) => async () => log(name);
      const other = createTask(() => steps(log, 'other', 1));
      await createTask(async () => {
        const one = createTask(child('child 1'));
        const two = createTask(child('child 2'));
        log('parent');
        await two;
        log('parent goes on', one.done());
      });
      await other;
    },
    function* ({ log }) {
      // biome-ignore lint/correctness/useYield: a generator that does not wait
      const child = coroutine(function* (name: string) {
        log(name);
      });
      const other = createTask(stepsOf(log, 'other', 1));
      yield* createTask(function* () {
        const one = createTask(child('child 1'));
        const two = createTask(child('child 2'));
        log('parent');
        yield* two;
        log('parent goes on', one.done());
      });
      yield* other;
    },
  );

  same('what cannot be waited for is refused at the yield', 'bad_yield', ({ loop, log }) =>
    loop.runUntilComplete(function* () {
      try {
        yield 42;
      } catch (error) {
        log(error);
      }
      yield;
      log('bare yield');
    }),
  );

  same('a bare yield gives way for one batch', 'bare_yield_order', ({ loop, log }) => {
    const work = coroutine(function* (name: string) {
      for (let step = 0; step < 2; step++) {
        log(name, step);
        yield;
      }
    });
    return loop.runUntilComplete(async () => {
      for (const task of [...'ab'].map((name) => createTask(work(name)))) await task;
    });
  });

  sameTask(
    'waiters and callbacks of a future go on in one order',
    'callback_order_of_waiters',
    async ({ log, logs }) => {
      const future = new Future<string>();
      const wait = (name: string) => async () => log(name, await future);
      future.addDoneCallback(logs('callback 1'));
      const tasks = [...'ab'].map((name) => createTask(wait(name)));
      await sleep(0);
      future.addDoneCallback(logs('callback 2'));
      future.setResult('set');
      for (const task of tasks) await task;
      log(kind(future) === 'Future');
    },
    function* ({ log, logs }) {
      const future = new Future<string>();
      const wait = coroutine(function* (name: string) {
        log(name, yield* future);
      });
      future.addDoneCallback(logs('callback 1'));
      const tasks = [...'ab'].map((name) => createTask(wait(name)));
      yield* sleep(0);
      future.addDoneCallback(logs('callback 2'));
      future.setResult('set');
      for (const task of tasks) yield* task;
      log(kind(future) === 'Future');
    },
  );

  same('a task runs when its loop turns', 'never_run', async ({ loop, log, turns }) => {
    const task = loop.createTask(() => steps(log, 'a', 0));
    log(task.done(), task.getLoop() === loop);
    await turns(3);
    log(task.done());
  });
});
