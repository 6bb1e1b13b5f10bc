/**
 * waitFor() against CPython: one awaitable, with a deadline.
 *
 * Each test is the twin of the function of that name in scenarios/wait_for.py; many names are those of
 * CPython's own tests in Lib/test/test_asyncio/test_waitfor.py.
 */

import { coroutine, createTask, currentTask, Future, sleep, waitFor } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { Boom, onVirtualClock, theme } from './stage.js';

const LONG = 10_000;
const SHORT = 1;

describe('waitFor(), as in asyncio', () => {
  leavesNothingOpen();
  const { both } = flavoursOf(theme('wait_for', onVirtualClock));

  /** A task's body that waits for ever, and takes some batches to clean up. */
  const waits = ({ log, on, body }: Scene, word: string, batches = 0) =>
    body(function* () {
      try {
        yield* on(new Future());
      } finally {
        for (let batch = 0; batch < batches; batch++) yield* on(sleep(0));
        log(word);
      }
    });

  both('a deadline cancels the task', 'wait_for', function* (scene) {
    const { log, caught } = scene;
    const task = createTask(waits(scene, 'ends'));
    const error = yield* caught(waitFor(task, SHORT));
    log(error, error.cause, task.cancelled(), currentTask()?.cancelling());
  });

  both('null is no deadline', 'wait_for_blocking', function* ({ log, on, body }) {
    const work = coroutine(
      body(function* () {
        yield* on(sleep(0));
        return 'done';
      }),
    );
    log(yield* on(waitFor(work(), null)));
    log(yield* on(waitFor(createTask(work()), null)));
  });

  both('a result in time', 'result_in_time', function* ({ loop, log, on }) {
    const future = new Future();
    loop.callLater(SHORT, () => future.setResult('ok'));
    log(yield* on(waitFor(future, LONG)));
  });

  both('an error in time', 'error_in_time', function* ({ on, body, tried }) {
    const work = coroutine(
      body(function* () {
        yield* on(sleep(0));
        throw new Boom('work');
      }),
    );
    yield* tried('coroutine', waitFor(work(), LONG));
    yield* tried('task', waitFor(createTask(work()), LONG));
  });

  both(
    'what is done is not given a deadline',
    'wait_for_timeout_less_then_0_or_0_future_done',
    function* ({ loop, log, on, tried }) {
      const future = new Future();
      future.setResult('done');
      loop.callSoon(log, 'callback');
      log(yield* on(waitFor(future, 0)));
      log(yield* on(waitFor(future, -1)));
      const failed = new Future();
      failed.setException(new Boom('failed'));
      yield* tried('failed', waitFor(failed, 0));
    },
  );

  both('what was cancelled before', 'future_cancelled_before', function* ({ tried }) {
    const cancelled = new Future();
    cancelled.cancel('before');
    yield* tried('cancelled', waitFor(cancelled, LONG));
  });

  both(
    'no time does not start a coroutine',
    'wait_for_timeout_less_then_0_or_0_coroutine_do_not_started',
    function* ({ log, body, tried }) {
      const work = coroutine(body(() => log('not here')));
      yield* tried('zero', waitFor(work(), 0));
      yield* tried('negative', waitFor(work(), -1));
    },
  );

  both('no time cancels a task', 'wait_for_timeout_less_then_0_or_0', function* (scene) {
    const { log, on, caught } = scene;
    for (const limit of [0, -1]) {
      const task = createTask(waits(scene, 'ends'));
      yield* on(sleep(0));
      const error = yield* caught(waitFor(task, limit));
      log(error, error.cause, task.cancelled());
    }
  });

  both('the cleanup is waited for', 'wait_for_waits_for_task_cancellation', function* (scene) {
    const { log, caught } = scene;
    const task = createTask(waits(scene, 'cleaned up', 3));
    const error = yield* caught(waitFor(task, SHORT));
    log(error, task.done());
  });

  both(
    'the cleanup is waited for without any time',
    'wait_for_waits_for_task_cancellation_w_timeout_0',
    function* (scene) {
      const { log, on, caught } = scene;
      const task = createTask(waits(scene, 'cleaned up', 3));
      yield* on(sleep(0));
      const error = yield* caught(waitFor(task, 0));
      log(error, task.done());
    },
  );

  both(
    'an error of the cleanup comes out',
    'wait_for_reraises_exception_during_cancellation',
    function* ({ on, body, caught, tried }) {
      const work = body(function* () {
        yield* caught(new Future());
        throw new Boom('cleanup');
      });
      yield* tried('task', waitFor(createTask(work), SHORT));
      const task = createTask(work);
      yield* on(sleep(0));
      yield* tried('zero', waitFor(task, 0));
    },
  );
});
