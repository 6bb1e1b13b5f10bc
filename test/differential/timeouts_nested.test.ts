/**
 * timeout() against CPython: deadlines that are moved, and deadlines inside of others.
 *
 * Each test is the twin of the function of that name in scenarios/timeouts_nested.py.
 */

import {
  createTask,
  currentTask,
  sleep,
  type Timeout,
  timeout,
  timeoutAt,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf } from './flavours.js';
import { type Log, onVirtualClock, theme } from './stage.js';

const LONG = 10_000;
const SHORT = 1;

const cancelling = () => currentTask()?.cancelling();

function beBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

function tryToReschedule(log: Log, scope: Timeout | undefined): void {
  try {
    scope?.reschedule(null);
  } catch (error) {
    log(error);
  }
}

describe('moved and nested deadlines, as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('timeouts_nested', onVirtualClock));

  both('a deadline can be moved and taken away', 'reschedule', function* (scene) {
    const { loop, log, on, body, caught } = scene;
    const first = loop.time() + LONG;
    let scope: Timeout | undefined;
    const inner = body(function* (own: Timeout) {
      scope = own;
      log(own.when() === first);
      own.reschedule(first + LONG);
      log(own.when() === first + LONG);
      own.reschedule(null);
      log(own.when());
      own.reschedule(loop.time() + SHORT);
      yield* on(sleep(LONG));
    });
    log(yield* caught(timeoutAt(first, inner)), scope?.expired());
  });

  both('a deadline moved to later does not pass', 'reschedule_later', function* (scene) {
    const { loop, log, on, body } = scene;
    let scope: Timeout | undefined;
    const inner = body(function* (own: Timeout) {
      scope = own;
      own.reschedule(loop.time() + LONG);
      yield* on(sleep(3 * SHORT));
      log('has passed the first deadline');
    });
    yield* on(timeout(SHORT, inner));
    log(scope);
  });

  both('a deadline moved into the past passes', 'reschedule_into_the_past', function* (scene) {
    const { loop, log, on, body, caught } = scene;
    const inner = body(function* (own: Timeout) {
      own.reschedule(loop.time() - 1);
      loop.callSoon(log, 'callback');
      yield* on(sleep(0));
      log('not here');
    });
    log(yield* caught(timeout(LONG, inner)));
  });

  both('anybody may move a deadline', 'reschedule_from_outside', function* (scene) {
    const { loop, log, on, body, tried } = scene;
    let scope: Timeout | undefined;
    const inner = body(function* (own: Timeout) {
      scope = own;
      yield* on(sleep(LONG));
    });
    const task = createTask(body(() => on(timeout(LONG, inner))));
    yield* on(sleep(0));
    scope?.reschedule(loop.time());
    yield* tried('task', task);
    log(task.cancelled(), scope);
  });

  both('a deadline that has passed cannot be moved', 'timeout_expiring', function* (scene) {
    const { log, on, body } = scene;
    let scope: Timeout | undefined;
    const inner = body(function* (own: Timeout) {
      scope = own;
      try {
        yield* on(sleep(LONG));
      } catch {
        log(own, own.expired());
        tryToReschedule(log, own);
      }
    });
    yield* on(timeout(SHORT, inner));
    tryToReschedule(log, scope);
  });

  both('nor can that of a body that has ended', 'timeout_finished', function* (scene) {
    const { log, on, body } = scene;
    let scope: Timeout | undefined;
    const inner = body((own: Timeout) => {
      scope = own;
    });
    yield* on(timeout(LONG, inner));
    tryToReschedule(log, scope);
  });

  both('two deadlines pass at the same time', 'nested_timeouts', function* (scene) {
    const { loop, log, on, body, caught } = scene;
    const when = loop.time() + SHORT;
    const scopes: Timeout[] = [];
    const inner = body(function* (own: Timeout) {
      scopes.push(own);
      yield* on(sleep(LONG));
    });
    const outer = body(function* (own: Timeout) {
      scopes.push(own);
      const error = yield* caught(timeoutAt(when, inner));
      log('inner', error, cancelling());
      throw error;
    });
    log('outer', yield* caught(timeoutAt(when, outer)), cancelling());
    log(...scopes);
  });

  both(
    'the outer deadline passes while the inner body is busy',
    'nested_timeouts_concurrent',
    function* ({ log, on, body, caught }) {
      const inner = body(function* () {
        beBusy(5);
        yield* on(sleep(LONG));
      });
      const outer = body(function* () {
        const error = yield* caught(timeout(100, inner));
        log('inner', error);
        throw error;
      });
      log('outer', yield* caught(timeout(2, outer)));
    },
  );

  both(
    'the outer deadline ends what follows the inner one',
    'nested_timeouts_loop_busy',
    function* ({ log, on, body, caught }) {
      const inner = body(function* () {
        beBusy(10);
        yield* on(sleep(LONG));
      });
      const outer = body(function* () {
        log('inner', yield* caught(timeout(5, inner)), cancelling());
        yield* on(sleep(LONG));
      });
      log('outer', yield* caught(timeout(100, outer)), cancelling());
    },
  );

  both('an inner deadline leaves the outer alone', 'nested_inner_expires', function* (scene) {
    const { log, on, body, caught } = scene;
    let scope: Timeout | undefined;
    const inner = body(() => on(sleep(LONG)));
    const outer = body(function* (own: Timeout) {
      scope = own;
      log('inner', yield* caught(timeout(SHORT, inner)), cancelling());
      yield* on(sleep(0));
    });
    yield* on(timeout(LONG, outer));
    log(scope);
  });

  bothWritten(
    'a deadline for the cleanup',
    'nested_timeout_in_finally',
    ['cleanup TimeoutError() 1', 'outer TimeoutError() 0'],
    function* (scene) {
      const { log, on, body, caught } = scene;
      const sleeps = body(() => on(sleep(LONG)));
      const outer = body(function* () {
        try {
          yield* on(sleep(LONG));
        } finally {
          log('cleanup', yield* caught(timeout(SHORT, sleeps)), cancelling());
        }
      });
      log('outer', yield* caught(timeout(SHORT, outer)), cancelling());
    },
  );
});
