/**
 * waitFor() against CPython: cancellations, and what swallows or withstands them.
 *
 * Each test is the twin of the function of that name in scenarios/wait_for_cancelled.py. CPython 3.12
 * made wait_for() a timeout() around an await; where that changed the order of events its trace is in
 * writing (Lib/asyncio/tasks.py, wait_for).
 */

import {
  coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  shield,
  sleep,
  waitFor,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { kind, onVirtualClock, theme } from './stage.js';

const LONG = 10_000;
const SHORT = 1;

describe('waitFor() and cancellations, as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('wait_for_cancelled', onVirtualClock));

  function* batches({ on }: Scene, count: number) {
    for (let batch = 0; batch < count; batch++) yield* on(sleep(0));
  }

  const swallows = ({ log, body, caught }: Scene, word: string, result: number) =>
    coroutine(
      body(function* () {
        yield* caught(new Future());
        log(word);
        return result;
      }),
    );

  const waiting = ({ log, on, body }: Scene) =>
    body(function* () {
      try {
        yield* on(new Future());
      } catch (error) {
        log('sees', error);
        throw error;
      }
    });

  both('a result in spite of the deadline', 'wait_for_cancel_suppressed', function* (scene) {
    const { log, on } = scene;
    log(yield* on(waitFor(swallows(scene, 'swallows', 42)(), SHORT)));
  });

  both(
    'a task that catches its cancellation is not cancelled',
    'wait_for_cancellation_race_condition',
    function* (scene) {
      const { log, on } = scene;
      const inner = swallows(scene, 'sees', 1);
      log(yield* on(waitFor(inner(), SHORT)));
      const task = createTask(inner());
      log(yield* on(waitFor(task, SHORT)), task.cancelled());
    },
  );

  both('a result in spite of no time', 'task_swallows_at_timeout_0', function* (scene) {
    const { on, tried } = scene;
    const task = createTask(swallows(scene, 'swallows', 42)());
    yield* on(sleep(0));
    yield* tried('zero', waitFor(task, 0));
  });

  function* cancelledWhileWaiting(scene: Scene, limit: number | null) {
    const { loop, log, on, body, tried } = scene;
    const task = createTask(waiting(scene));
    const waiter = createTask(body(() => on(waitFor(task, limit))));
    loop.callSoon(() => waiter.cancel('outside'));
    yield* tried('waiter', waiter);
    log(task.cancelled(), waiter.cancelled(), waiter.cancelling());
  }

  const PASSED_ON = [
    'sees CancelledError(outside)',
    'waiter CancelledError(outside)',
    'true true 1',
  ];

  bothWritten(
    'cancelling who waits cancels what it waits for',
    'cancel_blocking_wait_for',
    PASSED_ON, // CPython 3.12; 3.11 loses the message
    (scene) => cancelledWhileWaiting(scene, null),
  );

  bothWritten('and so with a deadline', 'cancel_wait_for', PASSED_ON, (scene) =>
    cancelledWhileWaiting(scene, LONG),
  );

  both('a waiter that has not begun', 'cancelled_before_the_first_step', function* (scene) {
    const { on, body, tried } = scene;
    const waiter = createTask(body(() => on(waitFor(new Future(), LONG))));
    waiter.cancel();
    yield* tried('waiter', waiter);
  });

  both('others may cancel it too', 'inner_is_cancelled_by_others', function* (scene) {
    const { loop, log, tried } = scene;
    const task = createTask(waiting(scene));
    loop.callSoon(() => task.cancel('others'));
    yield* tried('wait', waitFor(task, LONG));
    log(currentTask()?.cancelling());
  });

  both('a task that began before', 'coroutine_started_before', function* (scene) {
    const { loop, log, on, body } = scene;
    const task = createTask(body(() => batches(scene, 3)));
    yield* on(sleep(0));
    loop.callSoon(log, 'callback');
    yield* on(waitFor(task, LONG));
    log(task.done());
  });

  both('a deadline inside of a deadline', 'wait_for_in_wait_for', function* (scene) {
    const { log, body, caught } = scene;
    const inner = coroutine(
      body(function* () {
        const error = yield* caught(waitFor(new Future(), LONG));
        log('inner', error);
        throw error;
      }),
    );
    log('outer', yield* caught(waitFor(inner(), SHORT)));
  });

  both('a deadline for gather()', 'wait_for_gather', function* (scene) {
    const { log, caught } = scene;
    const child = createTask(waiting(scene));
    log(yield* caught(waitFor(gather([child]), SHORT)), child.cancelled());
  });

  bothWritten(
    'a task that swallows every cancellation gives its result in the end',
    'wait_for_self_cancellation',
    ['first CancelledError(one)', 'false false', 'second CancelledError(two)', 'waiter 42', '42'],
    function* (scene) {
      const { log, on, body, caught, tried } = scene;
      const inner = body(function* () {
        for (const word of ['first', 'second']) log(word, yield* caught(new Future()));
        return 42;
      });
      const task = createTask(inner);
      const waiter = createTask(body(() => on(waitFor(task, LONG))));
      yield* batches(scene, 2);
      waiter.cancel('one');
      yield* batches(scene, 3);
      log(waiter.done(), task.done());
      waiter.cancel('two');
      yield* tried('waiter', waiter);
      log(task.result());
    },
  );

  bothWritten(
    'a cancellation is not lost to a result of the same batch',
    'wait_for_issue86296',
    ['waiter CancelledError()', 'true done'],
    function* (scene) {
      const { log, on, body, tried } = scene;
      const task = createTask(body(() => 'done'));
      const waits = body(function* () {
        yield* on(waitFor(task, LONG));
        yield* on(sleep(LONG));
        log('not here');
      });
      const waiter = createTask(waits);
      yield* on(sleep(0));
      waiter.cancel();
      yield* tried('waiter', waiter);
      log(task.done(), yield* on(task));
    },
  );

  bothWritten(
    'a cancellation right after the result comes first',
    'simultaneous_cancel_and_finish',
    ['waiter CancelledError(cancelled)', 'finished'],
    function* (scene) {
      const { log, on, body, tried } = scene;
      const future = new Future();
      const waiter = createTask(body(() => on(waitFor(future, LONG))));
      yield* batches(scene, 2);
      future.setResult('finished');
      waiter.cancel('cancelled');
      yield* tried('waiter', waiter);
      log(future.result());
    },
  );

  bothWritten(
    'a cancellation with the deadline is one from outside',
    'simultaneous_cancel_and_timeout',
    ['sees CancelledError()', 'CancelledError true', 'true'],
    function* (scene) {
      const { log, on, body, caught } = scene;
      const task = createTask(waiting(scene));
      const waiter = createTask(body(() => on(waitFor(task, 0))));
      yield* on(sleep(0));
      waiter.cancel('outside');
      log(kind(yield* caught(waiter)), waiter.cancelled());
      yield* batches(scene, 2);
      log(task.cancelled());
    },
  );

  const slow = ({ on, body }: Scene) =>
    createTask(
      body(function* () {
        yield* on(sleep(50 * SHORT));
        return 'done';
      }),
    );

  both('no time for a shielded task', 'shielded_zero_timeout', function* (scene) {
    const { log, on, caught } = scene;
    const task = slow(scene);
    const shielded = shield(task);
    log(yield* caught(waitFor(shielded, 0)));
    log(task.done(), task.cancelled(), shielded.cancelled());
    log(yield* on(task));
  });

  both('a deadline for a shielded task', 'shielded_timeout', function* (scene) {
    const { log, on, caught } = scene;
    const task = slow(scene);
    log(yield* caught(waitFor(shield(task), SHORT)));
    log(task.done(), yield* on(task));
  });

  both('a shielded task without a deadline', 'shielded_none_timeout', function* (scene) {
    const { log, on } = scene;
    const task = slow(scene);
    log(yield* on(waitFor(shield(task), null)), task.done());
  });
});
