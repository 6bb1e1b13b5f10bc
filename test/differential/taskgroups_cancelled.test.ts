/**
 * TaskGroup against CPython: cancellations from outside, and groups in groups.
 *
 * Each test is the twin of the function of that name in scenarios/taskgroups_cancelled.py.
 */

import {
  createTask,
  currentTask,
  Future,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { cancelling, groupMembersOf } from './group_members.js';
import { Boom, theme } from './stage.js';

const ONE = 'unhandled errors in a TaskGroup (1 sub-exception)';

type Steps = (group: TaskGroup) => unknown;

/** A group with this body, as the body of a task. */
const groupIn = ({ on, body }: Scene, start: Steps) => body(() => on(taskGroup(body(start))));

describe('a TaskGroup that is cancelled, as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('taskgroups_cancelled'));

  /** Starts a task that runs the group, cancels it when it waits, and logs its end. */
  function* cancelled(scene: Scene, start: Steps, message?: string) {
    const { log, tried } = scene;
    const task = yield* groupMembersOf(scene).started(groupIn(scene, start));
    task.cancel(message);
    yield* tried('task', task);
    log(task.cancelled());
  }

  both('the tasks are cancelled', 'parent_cancelled_while_children_run', function* (scene) {
    const { log, tried } = scene;
    const { started, waiting } = groupMembersOf(scene);
    const task = yield* started(
      groupIn(scene, (group) => {
        group.createTask(waiting('child'));
      }),
    );
    task.cancel('outside');
    yield* tried('task', task);
    log(task.cancelled(), task.cancelling());
  });

  both('the body is cancelled first', 'parent_cancelled_in_the_body', (scene) =>
    cancelled(
      scene,
      function* (group) {
        group.createTask(groupMembersOf(scene).waiting('child'));
        const error = yield* scene.caught(new Future());
        scene.log('body sees', error);
        throw error;
      },
      'outside',
    ),
  );

  both('a group without tasks', 'parent_cancelled_without_children', (scene) =>
    cancelled(scene, function* () {
      try {
        yield* scene.on(new Future());
      } finally {
        scene.log('body ends');
      }
    }),
  );

  both('an error instead of the cancellation', 'body_replaces_its_cancellation', (scene) =>
    cancelled(scene, function* () {
      yield* scene.caught(new Future());
      throw new Boom('instead');
    }),
  );

  both(
    'a second cancellation while the tasks end',
    'parent_cancelled_twice_while_exiting',
    function* (scene) {
      const { log, on, body, tried } = scene;
      const { started, turns } = groupMembersOf(scene);
      const slow = body(function* () {
        try {
          yield* on(new Future());
        } finally {
          yield* turns(3);
          log('child ends');
        }
      });
      const task = yield* started(
        groupIn(scene, (group) => {
          group.createTask(slow);
        }),
      );
      task.cancel('first');
      yield* turns(2);
      task.cancel('second');
      yield* tried('task', task);
      log(task.cancelled(), task.cancelling());
    },
  );

  both('tasks that swallow it', 'cancellation_swallowed_by_children', function* (scene) {
    const { log, on, body, caught, tried } = scene;
    const { started } = groupMembersOf(scene);
    const stubborn = body(function* () {
      yield* caught(new Future());
      log('child', 'swallows');
      yield* on(sleep(0));
      return 'child';
    });
    let child: Task<string> | undefined;
    const task = yield* started(
      groupIn(scene, (group) => {
        child = group.createTask(stubborn);
      }),
    );
    task.cancel();
    yield* tried('task', task);
    log(task.cancelled(), child?.result());
  });

  both(
    'a task that fails in its cleanup',
    'child_fails_because_the_parent_was_cancelled',
    (scene) =>
      cancelled(scene, (group) => {
        group.createTask(groupMembersOf(scene).failing(new Boom('cleanup')));
      }),
  );

  both(
    'a task that fails while the cancelled body cleans up',
    'body_takes_its_time_and_a_child_fails',
    (scene) =>
      cancelled(
        scene,
        function* (group) {
          const { log, on, caught } = scene;
          const { work } = groupMembersOf(scene);
          group.createTask(work('fails', 6, new Boom('child')));
          const error = yield* caught(new Future());
          for (let turn = 0; turn < 6; turn++) {
            try {
              yield* on(sleep(0));
            } catch {
              log('again');
            }
          }
          throw error;
        },
        'outside',
      ),
  );

  both('an error of an inner group', 'nested_inner_error', function* (scene) {
    const { work, waiting } = groupMembersOf(scene);
    const inner = scene.body((group: TaskGroup) => {
      group.createTask(work('fails', 1, new Boom('inner')));
    });
    const outer = groupIn(scene, function* (group) {
      group.createTask(waiting('of outer'));
      yield* scene.on(taskGroup(inner));
    });
    scene.log(yield* scene.caught(createTask(outer)));
  });

  both('an error of an outer group', 'nested_outer_error', function* (scene) {
    const { log, body, caught } = scene;
    const { work, waiting } = groupMembersOf(scene);
    const inner = body((group: TaskGroup) => {
      group.createTask(waiting('of inner'));
    });
    const outer = groupIn(scene, function* (group) {
      group.createTask(work('fails', 2, new Boom('outer')));
      const error = yield* caught(taskGroup(inner));
      log('inner', error, cancelling());
      throw error;
    });
    log(yield* caught(createTask(outer)));
  });

  both('nested groups are cancelled', 'nested_cancelled_from_outside', function* (scene) {
    const { log, body, caught, tried } = scene;
    const { waiting, started } = groupMembersOf(scene);
    const inner = body((group: TaskGroup) => {
      group.createTask(waiting('of inner'));
    });
    const outer = groupIn(scene, function* () {
      const error = yield* caught(taskGroup(inner));
      log('inner', error, cancelling());
      throw error;
    });
    const task = yield* started(outer);
    task.cancel('outside');
    yield* tried('task', task);
    log(task.cancelled(), task.cancelling());
  });

  both('the group of a task is cancelled', 'group_of_a_child_is_cancelled', (scene) => {
    const child = groupIn(scene, (group) => {
      group.createTask(groupMembersOf(scene).waiting('grandchild'));
    });
    const start: Steps = (group) => {
      group.createTask(child);
    };
    return cancelled(scene, start, 'outside');
  });

  both("an error of a task's group", 'error_of_a_grandchild', function* (scene) {
    const { log, on, caught } = scene;
    const { work, waiting } = groupMembersOf(scene);
    const child = groupIn(scene, (group) => {
      group.createTask(work('fails', 1, new Boom('grandchild')));
      group.createTask(waiting('sibling'));
    });
    const parent = groupIn(scene, function* (group) {
      group.createTask(child);
      yield* on(new Future());
    });
    log(yield* caught(createTask(parent)));
  });

  bothWritten(
    'a cancellation that errors hide is thrown at the next wait',
    'errors_and_a_cancellation_from_outside',
    // CPython 3.13, Lib/asyncio/taskgroups.py, the end of __aexit__
    [
      `ExceptionGroup(${ONE}) [Boom(cleanup)] 1`,
      'sees CancelledError() 1',
      'task CancelledError()',
      'true 1',
    ],
    function* (scene) {
      const { log, body, caught, tried } = scene;
      const { failing, started } = groupMembersOf(scene);
      const start = body((group: TaskGroup) => {
        group.createTask(failing(new Boom('cleanup')));
      });
      const parent = body(function* () {
        log(yield* caught(taskGroup(start)), cancelling());
        const error = yield* caught(sleep(0));
        log('sees', error, cancelling());
        throw error;
      });
      const task = yield* started(parent);
      task.cancel('outside');
      yield* tried('task', task);
      log(task.cancelled(), task.cancelling());
    },
  );

  bothWritten(
    'the count of cancellations is afterwards what it was',
    'counts_afterwards',
    // CPython 3.13, Lib/asyncio/taskgroups.py, the end of __aexit__
    [
      'cancelled CancelledError()',
      '1',
      'fails ends',
      `ExceptionGroup(${ONE}) [Boom(child)] 1`,
      'again CancelledError()',
      '1 0 0',
    ],
    function* (scene) {
      const { log, on, body, caught, tried } = scene;
      const { work } = groupMembersOf(scene);
      const start = body(function* (group: TaskGroup) {
        group.createTask(work('fails', 1, new Boom('child')));
        yield* on(new Future());
      });
      currentTask()?.cancel();
      yield* tried('cancelled', sleep(1000));
      log(cancelling());
      log(yield* caught(taskGroup(start)), cancelling());
      yield* tried('again', sleep(1000));
      log(cancelling(), currentTask()?.uncancel(), cancelling());
    },
  );
});
