/**
 * Eager tasks against CPython, which has had them since 3.12: all traces are in writing, after
 * Lib/asyncio/tasks.py and Lib/test/test_asyncio/test_eager_task_factory.py.
 *
 * Each test is the twin of the function of that name in scenarios/eager.py. An async function that does not wait has
 * ended only when its promise is settled, which is after the call: such scenarios are for generators alone.
 */

import {
  allTasks,
  CancelledError,
  createTask,
  currentTask,
  eagerTaskFactory,
  Future,
  sleep,
  type Task,
  type TaskBody,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { Boom, theme } from './stage.js';

describe('eager tasks, as in asyncio', () => {
  leavesNothingOpen();
  const { bothWritten, generatorWritten } = flavoursOf(theme('eager'));

  const eager = <T>({ loop }: Scene, body: TaskBody<T>, name?: string): Task<T> =>
    eagerTaskFactory(loop, body, { name });
  const current = () => currentTask()?.getName();

  generatorWritten(
    'a task that does not wait is done when it is made',
    'completes_without_suspending',
    ['runs eager', 'true 42 main false', '42', 'callback'],
    function* (scene) {
      const { loop, log, on } = scene;
      currentTask()?.setName('main');
      loop.callSoon(log, 'callback');
      // biome-ignore lint/correctness/useYield: it does not wait
      const work = function* () {
        log('runs', current());
        return 42;
      };
      const task = eager(scene, work, 'eager');
      log(task.done(), task.result(), current(), allTasks().has(task as Task));
      log(yield* on(task));
      yield* on(sleep(0));
    },
  );

  bothWritten(
    'a task runs to its first wait when it is made',
    'suspends',
    ['begins eager', 'false main true', 'callback', 'gets result eager', 'end'],
    function* (scene) {
      const { loop, log, on, body } = scene;
      const future = new Future<string>();
      const work = body(function* () {
        log('begins', current());
        log('gets', yield* on(future), current());
        return 'end';
      });
      currentTask()?.setName('main');
      const task = eager(scene, work, 'eager');
      log(task.done(), current(), allTasks().has(task as Task));
      loop.callSoon(() => future.setResult('result'));
      loop.callSoon(log, 'callback');
      log(yield* on(task));
    },
  );

  generatorWritten(
    'an error at once is not thrown at who makes the task',
    'fails_at_once',
    ['true Boom(at once) false', 'task Boom(at once)'],
    function* (scene) {
      // biome-ignore lint/correctness/useYield: it does not wait
      const task = eager(scene, function* () {
        throw new Boom('at once');
      });
      scene.log(task.done(), task.exception(), task.cancelled());
      yield* scene.tried('task', task);
    },
  );

  generatorWritten(
    'a CancelledError at once cancels the task',
    'raises_cancelled_error_at_once',
    ['true true 0', 'task CancelledError(itself)'],
    function* (scene) {
      // biome-ignore lint/correctness/useYield: it does not wait
      const task = eager(scene, function* () {
        throw new CancelledError('itself');
      });
      scene.log(task.done(), task.cancelled(), task.cancelling());
      yield* scene.tried('task', task);
    },
  );

  bothWritten(
    'a task is cancelled at its first wait',
    'cancelled_at_the_first_wait',
    ['sees CancelledError(first wait)', 'task CancelledError(first wait)', 'true'],
    function* (scene) {
      const { log, body, caught, tried } = scene;
      const work = body(function* () {
        const error = yield* caught(new Future());
        log('sees', error);
        throw error;
      });
      const task = eager(scene, work);
      task.cancel('first wait');
      yield* tried('task', task);
      log(task.cancelled());
    },
  );

  bothWritten(
    'a task may cancel itself in its first step',
    'cancels_itself',
    ['goes on', 'false', 'task CancelledError(itself)'],
    function* (scene) {
      const { log, on, body, tried } = scene;
      const work = body(function* () {
        currentTask()?.cancel('itself');
        log('goes on');
        yield* on(sleep(0));
        log('not here');
      });
      const task = eager(scene, work);
      log(task.done());
      yield* tried('task', task);
    },
  );

  bothWritten(
    'a task may cancel its maker in its first step',
    'cancels_its_maker',
    ['goes on 1', 'maker CancelledError(from inside)'],
    function* (scene) {
      const { log, on, body, tried } = scene;
      const makes = body(function* () {
        const maker = currentTask() as Task;
        eager(
          scene,
          body(() => void maker.cancel('from inside')),
        );
        log('goes on', maker.cancelling());
        yield* on(sleep(0));
        log('not here');
      });
      yield* tried('maker', createTask(makes));
    },
  );

  bothWritten(
    'the current task changes and changes back',
    'nested_eager_tasks',
    [
      'outer outer',
      'inner inner',
      'outer again outer',
      'main main',
      'inner again inner',
      'outer ends outer',
    ],
    function* (scene) {
      const { log, on, body } = scene;
      const inner = body(function* () {
        log('inner', current());
        yield* on(sleep(0));
        log('inner again', current());
      });
      const outer = body(function* () {
        log('outer', current());
        const task = eager(scene, inner, 'inner');
        log('outer again', current());
        yield* on(task);
        log('outer ends', current());
      });
      currentTask()?.setName('main');
      const task = eager(scene, outer, 'outer');
      log('main', current());
      yield* on(task);
    },
  );

  generatorWritten(
    'done callbacks run through the loop',
    'done_callbacks_run_through_the_loop',
    ['added', 'callback'],
    function* (scene) {
      const { log, on, body } = scene;
      const task = eager(
        scene,
        body(() => 1),
      );
      task.addDoneCallback(() => log('callback'));
      log('added');
      yield* on(sleep(0));
    },
  );
});
