/**
 * The eager task factory against CPython, with everything that makes tasks: traces in writing, as in eager.test.ts.
 *
 * Each test is the twin of the function of that name in scenarios/eager_factory.py.
 */

import {
  asCompleted,
  coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  Future,
  gather,
  shield,
  sleep,
  type TaskGroup,
  taskGroup,
  wait,
  waitFor,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { Boom, theme } from './stage.js';

describe('the eager task factory, as in asyncio', () => {
  leavesNothingOpen();
  const { bothWritten, generatorWritten } = flavoursOf(theme('eager_factory'));

  /** From here on every task is eager. */
  const namesOf = ({ loop, body }: Scene) => {
    loop.setTaskFactory(eagerTaskFactory);
    return coroutine(body((name: string) => name));
  };

  const stepsOf = ({ loop, log, on, body }: Scene) => {
    loop.setTaskFactory(eagerTaskFactory);
    return coroutine(
      body(function* (name: string) {
        log(name, 'begins');
        yield* on(sleep(0));
        log(name, 'ends');
        return name;
      }),
    );
  };

  bothWritten(
    'as the task factory of a loop',
    'with_the_task_factory',
    ['a begins', 'b begins', 'made', 'a ends', 'b ends', '[a, b]'],
    function* (scene) {
      const work = stepsOf(scene);
      const tasks = [...'ab'].map((name) => createTask(work(name)));
      scene.log('made');
      scene.log(yield* scene.on(gather(tasks)));
    },
  );

  generatorWritten(
    'gather() of tasks that are done is done',
    'gather_of_tasks_done_at_once',
    ['true [a, b]'],
    function* (scene) {
      const work = namesOf(scene);
      const gathered = gather([work('a'), work('b')]);
      scene.log(gathered.done(), yield* scene.on(gathered));
    },
  );

  bothWritten(
    'waiting for tasks that may be done',
    'waits_for_tasks_done_at_once',
    ['2 0', 'c', 'd', 'e'],
    function* (scene) {
      const { log, on } = scene;
      const work = namesOf(scene);
      const { done, pending } = yield* on(wait([...'ab'].map((name) => createTask(work(name)))));
      log(done.size, pending.size);
      log(yield* on(waitFor(work('c'), 10_000)));
      log(yield* on(shield(work('d'))));
      for (const next of asCompleted([work('e')])) log(yield* on(next));
    },
  );

  bothWritten(
    'in a task group',
    'in_a_task_group',
    ['a begins', 'b begins', 'body ends', 'a ends', 'b ends', 'after'],
    function* (scene) {
      const { log, on, body } = scene;
      const work = stepsOf(scene);
      const start = body((group: TaskGroup) => {
        group.createTask(work('a'));
        group.createTask(work('b'));
        log('body ends');
      });
      yield* on(taskGroup(start));
      log('after');
    },
  );

  bothWritten(
    'an error at once ends a task group when its body waits',
    'fails_at_once_in_a_task_group',
    // CPython 3.14, Lib/asyncio/taskgroups.py, create_task(): the done callback is always scheduled
    [
      'body goes on 0',
      'ExceptionGroup(unhandled errors in a TaskGroup (1 sub-exception)) [Boom(at once)] 0',
    ],
    function* (scene) {
      const { loop, log, on, body, caught } = scene;
      loop.setTaskFactory(eagerTaskFactory);
      const fails = body(() => {
        throw new Boom('at once');
      });
      const start = body(function* (group: TaskGroup) {
        group.createTask(fails);
        log('body goes on', currentTask()?.cancelling());
        yield* on(new Future());
        log('not here');
      });
      log(yield* caught(taskGroup(start)), currentTask()?.cancelling());
    },
  );
});
