/**
 * timeout() against CPython: cancellations from outside, before a deadline, with it and after it.
 *
 * Each test is the twin of the function of that name in scenarios/timeouts_cancelled.py.
 */

import {
  createTask,
  currentTask,
  sleep,
  type Task,
  type TaskGroup,
  type Timeout,
  taskGroup,
  timeout,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf } from './flavours.js';
import { Boom, onVirtualClock, theme } from './stage.js';

const LONG = 10_000;
const SHORT = 1;

const cancelling = () => currentTask()?.cancelling();

describe('deadlines and cancellations, as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('timeouts_cancelled', onVirtualClock));

  both(
    'a task that cancels itself in time is cancelled',
    'foreign_cancel_doesnt_timeout_if_not_expired',
    function* ({ log, on, body, tried }) {
      let scope: Timeout | undefined;
      const inner = body(function* (own: Timeout) {
        scope = own;
        currentTask()?.cancel('foreign');
        yield* on(sleep(LONG));
      });
      const work = body(function* () {
        try {
          yield* on(timeout(LONG, inner));
        } finally {
          log(scope, cancelling());
        }
      });
      const task = createTask(work);
      yield* tried('task', task);
      log(task.cancelled());
    },
  );

  both('a cancellation from outside stays one', 'cancelled_from_outside', function* (scene) {
    const { log, on, body, tried } = scene;
    let scope: Timeout | undefined;
    const inner = body(function* (own: Timeout) {
      scope = own;
      yield* on(sleep(LONG));
    });
    const work = body(function* () {
      try {
        yield* on(timeout(LONG, inner));
      } finally {
        log(scope, cancelling());
      }
    });
    const task = createTask(work);
    yield* on(sleep(0));
    task.cancel('outside');
    yield* tried('task', task);
    log(task.cancelled());
  });

  both('a deadline does not cancel the task', 'outer_task_is_not_cancelled', function* (scene) {
    const { log, on, body, caught } = scene;
    const inner = body(() => on(sleep(LONG)));
    const work = body(function* () {
      log(yield* caught(timeout(SHORT, inner)));
    });
    const task = createTask(work);
    yield* on(task);
    log(task.cancelled(), task.done(), task.cancelling());
  });

  both(
    'a cancellation in the batch of the deadline wins',
    'cancelled_and_expired_in_the_same_batch',
    function* ({ loop, log, on, body, tried }) {
      let scope: Timeout | undefined;
      const inner = body(function* (own: Timeout) {
        scope = own;
        loop.callSoon(() => task.cancel('outside'));
        yield* on(sleep(LONG));
      });
      const work = body(function* () {
        try {
          yield* on(timeout(0, inner));
        } finally {
          log(scope, cancelling());
        }
      });
      const task: Task = createTask(work);
      yield* tried('task', task);
      log(task.cancelled(), task.cancelling());
    },
  );

  both('a cancellation during the cleanup wins', 'cancelled_while_expiring', function* (scene) {
    const { log, on, body, caught, tried } = scene;
    const inner = body(function* (own: Timeout) {
      try {
        yield* on(sleep(LONG));
      } finally {
        task.cancel('outside');
        log(own, cancelling());
      }
    });
    const work = body(function* () {
      const error = yield* caught(timeout(SHORT, inner));
      log(error, cancelling());
      throw error;
    });
    const task: Task = createTask(work);
    yield* tried('task', task);
    log(task.cancelled());
  });

  bothWritten(
    'a deadline works after a cancellation',
    'timeout_after_cancellation',
    ['cancelled 1', 'TimeoutError() 1'],
    function* (scene) {
      const { log, on, body, caught } = scene;
      currentTask()?.cancel();
      yield* caught(sleep(LONG));
      log('cancelled', cancelling());
      const inner = body(() => on(sleep(LONG)));
      log(yield* caught(timeout(0, inner)), cancelling());
    },
  );

  both(
    'and so does a second cancellation inside of it',
    'cancel_in_timeout_after_cancellation',
    function* ({ log, on, body, caught }) {
      currentTask()?.cancel();
      yield* caught(sleep(LONG));
      log('cancelled', cancelling());
      let scope: Timeout | undefined;
      const inner = body(function* (own: Timeout) {
        scope = own;
        currentTask()?.cancel();
        yield* on(sleep(LONG));
      });
      log(yield* caught(timeout(LONG, inner)), cancelling(), scope);
    },
  );

  both(
    'an error of a task in a group that a deadline ends',
    'timeout_taskgroup',
    function* (scene) {
      const { log, on, body, caught } = scene;
      const work = body(function* () {
        try {
          yield* on(sleep(LONG));
        } catch {
          throw new Boom('cleanup');
        }
      });
      const start = body((group: TaskGroup) => {
        group.createTask(work);
      });
      const inner = body(() => on(taskGroup(start)));
      log(yield* caught(timeout(SHORT, inner)), cancelling());
    },
  );

  both('a group that a deadline ends', 'timeout_around_a_group', function* (scene) {
    const { log, on, body, caught } = scene;
    let scope: Timeout | undefined;
    let task: Task | undefined;
    const work = body(function* () {
      try {
        yield* on(sleep(LONG));
      } finally {
        log('work ends');
      }
    });
    const start = body((group: TaskGroup) => {
      task = group.createTask(work);
    });
    const inner = body(function* (own: Timeout) {
      scope = own;
      yield* on(taskGroup(start));
    });
    log(yield* caught(timeout(SHORT, inner)), cancelling(), scope, task?.cancelled());
  });

  bothWritten(
    'a deadline of a task in a group',
    'timeout_inside_a_group',
    // CPython 3.13, Lib/asyncio/taskgroups.py; 3.11 leaves a cancellation counted.
    ['ExceptionGroup(unhandled errors in a TaskGroup (1 sub-exception)) [TimeoutError()] 0'],
    function* ({ log, on, body, caught }) {
      const sleeps = body(() => on(sleep(LONG)));
      const start = body(function* (group: TaskGroup) {
        group.createTask(body(() => on(timeout(SHORT, sleeps))));
      });
      log(yield* caught(taskGroup(start)), cancelling());
    },
  );

  both('what a deadline ends is only its block', 'uncancel_structured_blocks', function* (scene) {
    const { loop, log, on, body, tried } = scene;
    const request = body(function* (limit: number, delay: number) {
      let [finished, after, timedOut] = [false, false, false];
      const inner = body(function* () {
        yield* on(sleep(delay));
        finished = true;
      });
      try {
        try {
          yield* on(timeout(limit, inner));
        } catch (error) {
          if ((error as Error).name !== 'TimeoutError') throw error;
          timedOut = true;
        }
        yield* on(sleep(0));
        after = true;
      } finally {
        log(timedOut, finished, after, cancelling());
      }
    });
    yield* on(createTask(() => request(LONG, 0)));
    yield* on(createTask(() => request(SHORT, LONG)));
    const early = createTask(() => request(LONG, LONG));
    yield* on(sleep(0));
    early.cancel();
    yield* tried('task', early);
    const late = createTask(() => request(0, LONG));
    yield* on(sleep(0));
    loop.callSoon(() => late.cancel());
    yield* tried('task', late);
  });
});
