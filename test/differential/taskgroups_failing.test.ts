/**
 * TaskGroup against CPython: errors of its tasks and of its body.
 *
 * Each test is the twin of the function of that name in scenarios/taskgroups_failing.py.
 */

import {
  CancelledError,
  createTask,
  Future,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { cancelling, type GroupMembers, groupMembersOf } from './group_members.js';
import { Boom, theme } from './stage.js';

const ONE = 'unhandled errors in a TaskGroup (1 sub-exception)';

describe('errors in a TaskGroup, as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('taskgroups_failing'));

  /** What a group with this body throws, in a task of its own. */
  const failureOf = ({ on, body, caught }: Scene, start: (group: TaskGroup) => unknown) =>
    caught(createTask(body(() => on(taskGroup(body(start))))));

  both(
    'an error cancels the other tasks and the body',
    'cancel_children_on_child_error',
    (scene) => {
      const { log, on } = scene;
      const { work, waiting } = groupMembersOf(scene);
      return (function* () {
        const error = yield* failureOf(scene, function* (group) {
          group.createTask(work('fails', 2, new Boom('child')));
          group.createTask(waiting('other'));
          try {
            yield* on(new Future());
          } catch (cancellation) {
            log('body sees', cancellation, cancelling());
            throw cancellation;
          }
        });
        log(error);
      })();
    },
  );

  both('an error after the body has ended', 'child_error_while_exiting', function* (scene) {
    const { log, on, body, caught } = scene;
    const { work, waiting } = groupMembersOf(scene);
    const start = body((group: TaskGroup) => {
      group.createTask(work('fails', 2, new Boom('child')));
      group.createTask(waiting('other'));
    });
    const task = createTask(body(() => on(taskGroup(start))));
    log(yield* caught(task), task.cancelled());
  });

  /** A group that starts some tasks; logs its error. */
  const starting =
    (start: (group: TaskGroup, members: GroupMembers) => void) =>
    (scene: Scene): Generator<unknown, void> =>
      (function* () {
        const error = yield* failureOf(scene, (group) => {
          start(group, groupMembersOf(scene));
        });
        scene.log(error);
      })();

  both(
    'errors in one batch come out together',
    'several_errors_in_one_batch',
    starting((group, { work }) => {
      group.createTask(work('a', 1, new Boom('a')));
      group.createTask(work('b', 1, new Boom('b')));
      group.createTask(work('late', 2, new Boom('late')));
    }),
  );

  both(
    'an error of the cleanup comes out too',
    'error_of_a_cancelled_child',
    starting((group, { work, failing }) => {
      group.createTask(failing(new Boom('cleanup')));
      group.createTask(work('fails', 1, new Boom('first')));
    }),
  );

  both('a task that is cancelled is no error', 'cancelled_child_alone', function* (scene) {
    const { log, on, body } = scene;
    const { work, waiting } = groupMembersOf(scene);
    let other: Task<string> | undefined;
    let cancelled: Task | undefined;
    const start = body(function* (group: TaskGroup) {
      cancelled = group.createTask(waiting('child')) as Task;
      other = group.createTask(work('other', 3));
      yield* on(sleep(0));
      cancelled.cancel('alone');
    });
    yield* on(taskGroup(start));
    log(cancelled?.cancelled(), other?.result(), cancelling());
  });

  both('nor is one that cancels itself', 'child_raises_cancelled_error', function* (scene) {
    const { log, on, body } = scene;
    const raises = body(function* () {
      yield* on(sleep(0));
      throw new CancelledError('its own');
    });
    let child: Task | undefined;
    const start = body((group: TaskGroup) => {
      child = group.createTask(raises) as Task;
    });
    yield* on(taskGroup(start));
    log(child?.cancelled(), cancelling());
  });

  both("the body's error cancels the tasks", 'exception_in_body', function* (scene) {
    const { log, on } = scene;
    const { waiting } = groupMembersOf(scene);
    const error = yield* failureOf(scene, function* (group) {
      group.createTask(waiting('child'));
      yield* on(sleep(0));
      throw new Boom('body');
    });
    log(error);
  });

  both(
    'also those that have not begun',
    'exception_in_body_before_the_first_step',
    function* (scene) {
      const { waiting } = groupMembersOf(scene);
      let child: Task | undefined;
      // biome-ignore lint/correctness/useYield: it fails before it waits
      const error = yield* failureOf(scene, function* (group) {
        child = group.createTask(waiting('child')) as Task;
        throw new Boom('body');
      });
      scene.log(error, child?.cancelled());
    },
  );

  both('the errors of a task and the body', 'exception_in_body_and_child', function* (scene) {
    const { work } = groupMembersOf(scene);
    const error = yield* failureOf(scene, function* (group) {
      group.createTask(work('fails', 1, new Boom('child')));
      yield* scene.caught(new Future());
      throw new Boom('body');
    });
    scene.log(error);
  });

  both(
    "a body may swallow the group's cancellation",
    'body_swallows_the_groups_cancellation',
    function* (scene) {
      const { log, on, caught } = scene;
      const { work } = groupMembersOf(scene);
      const error = yield* failureOf(scene, function* (group) {
        group.createTask(work('fails', 1, new Boom('child')));
        yield* caught(new Future());
        log('body swallows', cancelling());
        yield* on(sleep(0));
        log('body ends');
      });
      log(error);
    },
  );

  bothWritten(
    'a group takes its own cancellation back',
    'cancelling_level_preserved',
    // CPython 3.13, Lib/test/test_asyncio/test_taskgroups.py, test_cancelling_level_preserved
    [`ExceptionGroup(${ONE}) [Boom(child)] 0`],
    function* (scene) {
      const { log, on, body, caught } = scene;
      const { failed } = groupMembersOf(scene);
      const start = body(function* (group: TaskGroup) {
        group.createTask(failed(new Boom('child')));
        yield* on(new Future());
      });
      log(yield* caught(taskGroup(start)), cancelling());
    },
  );

  bothWritten(
    'the inner group leaves the cancellation of the outer counted',
    'nested_groups_both_cancelled',
    // CPython 3.13, Lib/test/test_asyncio/test_taskgroups.py, test_nested_groups_both_cancelled
    [
      `inner ExceptionGroup(${ONE}) [Boom(inner)] 1`,
      `outer ExceptionGroup(${ONE}) [Boom(outer)] 0`,
    ],
    function* (scene) {
      const { log, body, caught } = scene;
      const { failed } = groupMembersOf(scene);
      const nested = body(function* (outer: TaskGroup) {
        const start = body((group: TaskGroup) => {
          group.createTask(failed(new Boom('inner')));
          outer.createTask(failed(new Boom('outer')));
        });
        log('inner', yield* caught(taskGroup(start)), cancelling());
      });
      log('outer', yield* caught(taskGroup(nested)), cancelling());
    },
  );

  bothWritten(
    'a cancellation from outside outlives the error of a group',
    'error_and_cancel',
    // CPython 3.13, Lib/test/test_asyncio/test_taskgroups.py, test_error_and_cancel
    ['true 1', `ExceptionGroup(${ONE}) [Boom(child)] 1`, 'task CancelledError()', 'true 1'],
    function* (scene) {
      const { log, on, body, caught, tried } = scene;
      const started = new Future<void>();
      const fails = body(function* () {
        started.setResult();
        yield* on(sleep(0));
        throw new Boom('child');
      });
      const start = body(function* (group: TaskGroup) {
        group.createTask(fails);
        yield* on(new Future());
      });
      const parent = body(function* () {
        log(yield* caught(taskGroup(start)), cancelling());
        yield* on(sleep(0));
        log('not here');
      });
      const task = createTask(parent);
      yield* on(started);
      log(task.cancel('outside'), task.cancelling());
      yield* tried('task', task);
      log(task.cancelled(), task.cancelling());
    },
  );
});
