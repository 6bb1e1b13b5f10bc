/**
 * TaskGroup against CPython: its tasks, and when it takes some.
 *
 * Each test is the twin of the function of that name in scenarios/taskgroups.py; many names are those of
 * CPython's own tests in Lib/test/test_asyncio/test_taskgroups.py.
 */

import { Future, sleep, type Task, TaskGroup, taskGroup } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf } from './flavours.js';
import { cancelling, groupMembersOf } from './group_members.js';
import { Boom, kind, type Log, theme } from './stage.js';

function refused(log: Log, group: TaskGroup | undefined): void {
  try {
    group?.createTask(() => log('late'));
  } catch (error) {
    log(kind(error), (error as Error).message);
  }
}

describe('TaskGroup, as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('taskgroups'));

  both('the block ends after its tasks', 'children_end_before_the_block_does', function* (scene) {
    const { log, on, body } = scene;
    const { work } = groupMembersOf(scene);
    const tasks: Task<string>[] = [];
    const start = body((group: TaskGroup) => {
      tasks.push(group.createTask(work('first', 3)), group.createTask(work('second', 1)));
      log('body ends', group);
    });
    yield* on(taskGroup(start));
    log('after', ...tasks.map((task) => task.result()), cancelling());
  });

  both('an empty group does not give way', 'empty_group', function* ({ loop, log, on, body }) {
    loop.callSoon(log, 'callback');
    const group = new TaskGroup();
    const start = body((own: TaskGroup) => {
      log(own);
    });
    yield* on(group.run(start));
    log('no batch passed', group);
    yield* on(sleep(0));
  });

  both('a task may join at any time', 'task_created_in_the_middle', function* (scene) {
    const { log, on, body } = scene;
    const { work, turns } = groupMembersOf(scene);
    const tasks: Task<string>[] = [];
    const start = body(function* (group: TaskGroup) {
      tasks.push(group.createTask(work('first', 4)));
      yield* turns(2);
      tasks.push(group.createTask(work('second', 1)));
    });
    yield* on(taskGroup(start));
    log(...tasks.map((task) => task.result()));
  });

  both('a task may start others', 'child_creates_tasks', function* (scene) {
    const { log, on, body } = scene;
    const { work } = groupMembersOf(scene);
    const start = body((group: TaskGroup) => {
      const child = body(function* () {
        group.createTask(work('grandchild', 2));
        yield* on(sleep(0));
        log('child ends');
      });
      group.createTask(child);
    });
    yield* on(taskGroup(start));
    log('after');
  });

  both('tasks that end in one batch', 'group_finished_in_the_same_batch', function* (scene) {
    const { loop, log, on, body } = scene;
    const future = new Future<void>();
    loop.callSoon(() => future.setResult());
    loop.callSoon(log, 'callback');
    const ends = body(function* (name: string) {
      yield* on(future);
      log(name);
    });
    const start = body(function* (group: TaskGroup) {
      for (const name of 'abc') group.createTask(() => ends(name));
    });
    yield* on(taskGroup(start));
    log('after');
  });

  both(
    'a group that is shutting down takes no task',
    'no_create_task_after_failure',
    function* (scene) {
      const { log, on, body, caught } = scene;
      const { work } = groupMembersOf(scene);
      const start = body(function* (group: TaskGroup) {
        group.createTask(work('fails', 1, new Boom('child')));
        yield* caught(new Future());
        try {
          group.createTask(work('late'));
        } catch (error) {
          log(kind(error), (error as Error).message.endsWith('is shutting down'));
        }
      });
      log(yield* caught(taskGroup(start)));
      yield* on(sleep(0));
    },
  );

  both('a group that has ended takes no task', 'taskgroup_finished', function* (scene) {
    const { log, on, body } = scene;
    const { work } = groupMembersOf(scene);
    let ended: TaskGroup | undefined;
    const start = body((group: TaskGroup) => {
      ended = group;
      group.createTask(work('child'));
    });
    yield* on(taskGroup(start));
    refused(log, ended);
  });

  // biome-ignore lint/correctness/useYield: nothing to wait for
  both('a group that has not begun takes no task', 'taskgroup_not_entered', function* ({ log }) {
    refused(log, new TaskGroup());
  });

  bothWritten(
    'a group runs once',
    'taskgroup_already_entered',
    [
      'RuntimeError TaskGroup <TaskGroup entered> has already been entered',
      'RuntimeError TaskGroup <TaskGroup entered> has already been entered',
    ],
    function* (scene) {
      const { log, on, body, caught } = scene;
      const group = new TaskGroup();
      const nothing = body(function* () {});
      const again = function* () {
        const error = yield* caught(group.run(nothing));
        log(kind(error), error.message);
      };
      yield* on(group.run(body(again)));
      yield* again();
    },
  );

  both('tasks of a group have names', 'taskgroup_task_name', function* (scene) {
    const { log, on, body } = scene;
    const { work } = groupMembersOf(scene);
    const start = body((group: TaskGroup) => {
      log(group.createTask(work('child'), { name: 'yolo' }).getName());
    });
    yield* on(taskGroup(start));
  });

  both('a group counts its tasks', 'tasks_are_of_the_group_while_they_run', function* (scene) {
    const { log, on, body } = scene;
    const { work, turns } = groupMembersOf(scene);
    const start = body(function* (group: TaskGroup) {
      group.createTask(work('a', 1));
      group.createTask(work('b', 2));
      log(group);
      yield* turns(3);
      log(group);
    });
    yield* on(taskGroup(start));
  });
});
