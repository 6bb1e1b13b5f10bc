/**
 * Tasks against CPython, at the edges: its own cases that no other theme has.
 *
 * Each test is the twin of the function of that name in scenarios/task_edges.py; most names are those of
 * CPython's own tests in Lib/test/test_asyncio/test_tasks.py, test_futures.py and test_base_events.py.
 */

import { createTask, currentTask, Future, gather, sleep, type Task } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { Boom, theme } from './stage.js';

const LONG = 10_000;

describe('tasks at the edges, as in asyncio', () => {
  leavesNothingOpen();
  const tasks = theme('task_edges');
  const { same } = tasks;
  const { both, bothWritten } = flavoursOf(tasks);

  function* batches({ on }: Scene, count: number) {
    for (let batch = 0; batch < count; batch++) yield* on(sleep(0));
  }

  both('a task may return after its cancellation', 'cancel_task_catching', function* (scene) {
    const { log, on, body, caught } = scene;
    const [first, second] = [new Future<void>(), new Future<void>()];
    const work = body(function* () {
      yield* on(first);
      yield* caught(second);
      return 42;
    });
    const task = createTask(work);
    yield* on(sleep(0));
    first.setResult();
    yield* batches(scene, 2);
    task.cancel();
    log(second.cancelled(), yield* on(task), task.cancelled(), task.cancelling());
  });

  both('and may wait again', 'cancel_task_ignoring', function* (scene) {
    const { log, on, body, caught } = scene;
    const [first, second] = [new Future<number>(), new Future<number>()];
    const work = body(function* () {
      yield* caught(first);
      log('ignores');
      return yield* on(second);
    });
    const task = createTask(work);
    yield* on(sleep(0));
    task.cancel();
    log(first.cancelled());
    yield* batches(scene, 2);
    second.setResult(42);
    log(yield* on(task), second.cancelled(), task.cancelled());
  });

  both('a task cancelled right before its end', 'cancel_at_end', function* (scene) {
    const { log, body, tried } = scene;
    const work = body(() => {
      task.cancel('at the end');
      return 12;
    });
    const task: Task = createTask(work) as Task;
    yield* tried('task', task);
    log(task.cancelled(), task.cancel());
  });

  both('a task may cancel itself', 'cancel_on_itself', function* (scene) {
    const { log, on, body, tried } = scene;
    const work = body(function* () {
      currentTask()?.cancel('itself');
      log('goes on to its next wait');
      yield* on(sleep(LONG));
      log('not here');
    });
    const task = createTask(work);
    yield* tried('task', task);
    log(task.cancelled(), task.cancelling());
  });

  both(
    'a task may swallow every cancellation',
    'cancel_swallowed_then_repeated',
    function* (scene) {
      const { log, on, body, caught } = scene;
      const work = body(function* () {
        for (let time = 0; time < 3; time++) {
          const error = yield* caught(sleep(LONG));
          log('sees', error, currentTask()?.cancelling());
        }
        return 'ends';
      });
      const task = createTask(work);
      for (const word of ['one', 'two', 'three']) {
        yield* batches(scene, 2);
        log(task.cancel(word));
      }
      log(yield* on(task), task.cancelling(), task.cancelled());
    },
  );

  both(
    'a message goes through all that wait for each other',
    'cancel_message_through_three_tasks',
    function* (scene) {
      const { log, body, caught, tried } = scene;
      const inner = body(function* () {
        const error = yield* caught(new Future());
        log('inner', error);
        throw error;
      });
      const middle = body(function* () {
        const error = yield* caught(createTask(inner));
        log('middle', error);
        throw error;
      });
      const task = createTask(middle);
      yield* batches(scene, 3);
      task.cancel('message');
      yield* tried('outer', task);
    },
  );

  both('the future first, then the task', 'cancel_both_task_and_inner_future', function* (scene) {
    const { log, on, body, tried } = scene;
    const future = new Future();
    const task = createTask(body(() => on(future)));
    yield* on(sleep(0));
    future.cancel('future');
    task.cancel('task');
    yield* tried('task', task);
    log(task.cancelled(), future.cancelled());
  });

  both('cancellations are counted, and taken back', 'uncancel_basic', function* (scene) {
    const { log, on, body, caught } = scene;
    const work = body(function* () {
      yield* caught(sleep(LONG));
      const own = currentTask() as Task;
      log(own.cancelling(), own.uncancel(), own.cancelling(), own.uncancel());
      yield* on(sleep(0));
      return 'goes on';
    });
    const task = createTask(work);
    yield* on(sleep(0));
    task.cancel();
    log(task.cancelling(), task.cancel(), task.cancelling());
    task.uncancel();
    log(yield* on(task));
  });

  bothWritten(
    'a cancellation that was not thrown yet can be taken back',
    'uncancel_resets_must_cancel',
    // CPython 3.13, Lib/test/test_asyncio/test_tasks.py, test_uncancel_resets_must_cancel
    ['0', 'task 42'],
    function* ({ log, on, body, tried }) {
      const future = new Future<void>();
      const work = body(function* () {
        yield* on(future);
        return 42;
      });
      const task = createTask(work);
      yield* on(sleep(0));
      future.setResult();
      task.cancel();
      log(task.uncancel());
      yield* tried('task', task);
    },
  );

  same(
    'callbacks that change the list of callbacks',
    'schedule_callbacks_list_mutation',
    async ({ loop, log, logs, turns }) => {
      const future = loop.createFuture<void>();
      const last = logs('last');
      future.addDoneCallback(() => log('removes', future.removeDoneCallback(last)));
      future.addDoneCallback(last);
      future.addDoneCallback(() => future.addDoneCallback(logs('added')));
      future.setResult();
      await turns(3);
    },
  );

  same(
    'a run that was stopped does not stop the next',
    'run_until_complete_loop_orphan_future',
    async ({ loop, log }) => {
      loop.callSoon(() => loop.stop());
      const orphan = loop.createTask(() => sleep(1));
      try {
        await loop.runUntilComplete(orphan);
      } catch (error) {
        log(error);
      }
      await loop.runUntilComplete(() => sleep(1));
      await loop.runUntilComplete(orphan);
      log(orphan.done());
    },
  );

  bothWritten(
    'gather() of what is done is done',
    'gather_of_done_futures_is_done',
    // CPython 3.12, Lib/asyncio/tasks.py, gather(): done futures are handled before it returns
    ['true [done, done]', 'true Boom(failed)', 'true [done, Boom(failed)]'],
    // biome-ignore lint/correctness/useYield: nothing to wait for
    function* ({ log }) {
      const [done, failed, pending] = [new Future(), new Future(), new Future()];
      done.setResult('done');
      const both = gather([done, done]);
      log(both.done(), both.result());
      failed.setException(new Boom('failed'));
      const one = gather([pending, failed]);
      log(one.done(), one.exception());
      pending.cancel();
      const all = gather([done, failed], { returnExceptions: true });
      log(all.done(), all.result());
    },
  );
});
