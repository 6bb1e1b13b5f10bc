/**
 * Task factories against CPython.
 *
 * Each test is the twin of the function of that name in scenarios/task_factories.py.
 */

import {
  currentTask,
  ensureFuture,
  gather,
  sleep,
  Task,
  type TaskFactory,
  type TaskGroup,
  taskGroup,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf } from './flavours.js';
import { Boom, theme } from './stage.js';

describe('task factories, as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('task_factories'));

  both('a factory makes all tasks of the loop', 'task_factory', function* (scene) {
    const { loop, log, on, body } = scene;
    const factory: TaskFactory = (own, coro, options) => {
      const given = Object.entries(options).filter(
        ([key, value]) => key !== 'loop' && value != null,
      );
      log('makes', own === loop, given.map(([key]) => key).sort());
      return new Task(coro, options);
    };
    const work = body(function* () {
      yield* on(sleep(0));
      return currentTask()?.getName();
    });
    log(loop.getTaskFactory());
    loop.setTaskFactory(factory);
    log(loop.getTaskFactory() === factory);
    log((yield* on(loop.createTask(work))) !== undefined);
    const works = [0, 1].map(() =>
      (function* () {
        return yield* on(sleep(0));
      })(),
    );
    log(
      (yield* on(gather([works[0] as Generator, ensureFuture(works[1] as Generator)]))) !==
        undefined,
    );
    const start = body((group: TaskGroup) => void group.createTask(work));
    yield* on(taskGroup(start));
    loop.setTaskFactory(null);
    log(yield* on(loop.createTask(work, { name: 'named' })));
  });

  bothWritten(
    'a factory is given the name',
    'task_factory_gets_the_name',
    // CPython 3.14, Lib/asyncio/base_events.py, create_task(): all keyword arguments are passed on
    ['makes named', 'named', 'makes grouped', 'grouped'],
    function* ({ loop, log, on, body }) {
      loop.setTaskFactory((_loop, coro, options) => {
        log('makes', options.name);
        return new Task(coro, options);
      });
      const work = body(() => currentTask()?.getName());
      log(yield* on(loop.createTask(work, { name: 'named' })));
      let task: Task | undefined;
      const start = body((group: TaskGroup) => {
        task = group.createTask(work, { name: 'grouped' }) as Task;
      });
      yield* on(taskGroup(start));
      log(task?.getName());
    },
  );

  both(
    'what a factory throws is thrown',
    'task_factory_that_refuses',
    function* ({ loop, log, body }) {
      loop.setTaskFactory(() => {
        throw new Boom('no');
      });
      try {
        loop.createTask(body(() => log('not here')));
      } catch (error) {
        log(error);
      }
    },
  );
});
