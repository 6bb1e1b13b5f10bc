/**
 * timeout() against CPython: deadlines that pass, and that do not.
 *
 * Each test is the twin of the function of that name in scenarios/timeouts.py; the names are mostly
 * those of CPython's own tests in Lib/test/test_asyncio/test_timeouts.py.
 */

import {
  type Coroutine,
  type CoroutineGenerator,
  createTask,
  currentTask,
  Future,
  sleep,
  type Timeout,
  timeout,
  timeoutAt,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { Boom, onVirtualClock, theme } from './stage.js';

const LONG = 10_000;
const SHORT = 1;

const cancelling = () => currentTask()?.cancelling();

describe('timeout(), as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('timeouts', onVirtualClock));

  bothWritten(
    'a deadline ends the body with TimeoutError',
    'timeout_basic',
    ['TimeoutError() CancelledError()', 'true <Timeout [expired]> 0'],
    function* (scene) {
      const { log, on, body, caught } = scene;
      let scope: Timeout | undefined;
      const sleeps = body(function* (own: Timeout) {
        scope = own;
        yield* on(sleep(LONG));
      });
      const error = yield* caught(timeout(SHORT, sleeps));
      log(error, error.cause);
      log(scope?.expired(), scope, cancelling());
    },
  );

  both('timeoutAt() takes a time of the loop', 'timeout_at_basic', function* (scene) {
    const { loop, log, on, body, caught } = scene;
    const deadline = loop.time() + SHORT;
    let scope: Timeout | undefined;
    const sleeps = body(function* (own: Timeout) {
      scope = own;
      log(own.when() === deadline);
      yield* on(sleep(LONG));
    });
    log(yield* caught(timeoutAt(deadline, sleeps)));
    log(scope?.expired(), scope?.when() === deadline);
  });

  type Body = (scope: Timeout) => PromiseLike<void> | CoroutineGenerator<void>;

  function* expiresAtOnce(scene: Scene, make: (inner: Body) => Coroutine<void>) {
    const { loop, log, on, body, caught } = scene;
    let scope: Timeout | undefined;
    loop.callSoon(log, 'before');
    const inner = body(function* (own: Timeout) {
      scope = own;
      loop.callSoon(log, 'after');
      log('body', own.expired());
      yield* on(sleep(0));
      log('not here');
    });
    log(yield* caught(make(inner)), scope?.expired());
  }

  both('no time ends the body where it waits', 'timeout_zero_sleep_zero', (scene) =>
    expiresAtOnce(scene, (inner) => timeout(0, inner)),
  );

  both('less than no time does the same', 'timeout_in_the_past_sleep_zero', (scene) =>
    expiresAtOnce(scene, (inner) => timeout(-11_000, inner)),
  );

  both('a time in the past does the same', 'timeout_at_in_the_past', (scene) =>
    expiresAtOnce(scene, (inner) => timeoutAt(scene.loop.time() - 1000, inner)),
  );

  both(
    'a body that does not wait is not ended by no time',
    'timeout_zero_without_a_wait',
    function* ({ log, on, body }) {
      let scope: Timeout | undefined;
      const inner = body((own: Timeout) => {
        scope = own;
        log('body');
      });
      yield* on(timeout(0, inner));
      log(scope?.expired(), scope, cancelling());
      yield* on(sleep(0));
      log('not cancelled');
    },
  );

  both('null is no deadline', 'timeout_disabled', function* ({ log, on, body }) {
    let scope: Timeout | undefined;
    const inner = body(function* (own: Timeout) {
      scope = own;
      log(own.when());
      yield* on(sleep(SHORT));
    });
    yield* on(timeout(null, inner));
    log(scope, scope?.expired());
  });

  both('a body in time is left alone', 'timeout_not_called', function* ({ loop, log, on, body }) {
    let scope: Timeout | undefined;
    const inner = body(function* (own: Timeout) {
      scope = own;
      yield* on(sleep(SHORT));
    });
    yield* on(timeout(LONG, inner));
    log(scope?.expired(), scope, (scope?.when() ?? 0) > loop.time());
  });

  both('the body sees a cancellation', 'waiter_cancelled', function* ({ log, on, body, caught }) {
    const inner = body(function* () {
      try {
        yield* on(sleep(LONG));
      } catch (error) {
        log('inside', error, cancelling());
        throw error;
      }
    });
    log(yield* caught(timeout(SHORT, inner)), cancelling());
  });

  both('a body may swallow the deadline', 'timeout_swallowed', function* ({ log, on, body }) {
    let scope: Timeout | undefined;
    const inner = body(function* (own: Timeout) {
      scope = own;
      try {
        yield* on(sleep(LONG));
      } catch {
        log('swallows', own, cancelling());
      }
    });
    yield* on(timeout(SHORT, inner));
    log(scope, cancelling());
    yield* on(sleep(0));
    log('goes on');
  });

  both(
    'a deadline cancels the task that the body waits for',
    'timeout_cancels_what_is_awaited',
    function* ({ log, on, body, caught }) {
      const future = new Future();
      const work = body(function* () {
        try {
          yield* on(future);
        } finally {
          log('work ends', cancelling());
        }
      });
      const task = createTask(work);
      const inner = body(() => on(task));
      log(yield* caught(timeout(SHORT, inner)), task.cancelled(), future.cancelled());
    },
  );

  both(
    'a deadline in the batch of the result comes first',
    'timeout_and_result_in_the_same_batch',
    function* ({ loop, log, on, body, caught }) {
      const future = new Future();
      const when = loop.time() + SHORT;
      loop.callAt(when, () => future.setResult('result'));
      let scope: Timeout | undefined;
      const inner = body(function* (own: Timeout) {
        scope = own;
        log(yield* on(future));
      });
      log(yield* caught(timeoutAt(when, inner)), future.result());
      log(scope, cancelling());
    },
  );

  both("the body's own error passes", 'foreign_exception_passed', function* (scene) {
    const { log, on, body, caught } = scene;
    let scope: Timeout | undefined;
    const failed = new Future();
    failed.setException(new Boom('body'));
    const inner = body(function* (own: Timeout) {
      scope = own;
      yield* on(failed);
    });
    log(yield* caught(timeout(LONG, inner)));
    log(scope?.expired(), scope);
  });

  both(
    'an error of the cleanup replaces the TimeoutError',
    'foreign_exception_on_timeout',
    function* ({ log, on, body, caught }) {
      let scope: Timeout | undefined;
      const inner = body(function* (own: Timeout) {
        scope = own;
        try {
          yield* on(sleep(LONG));
        } catch {
          throw new Boom('cleanup');
        }
      });
      log(yield* caught(timeout(SHORT, inner)), cancelling());
      log(scope?.expired(), scope);
    },
  );
});
