/**
 * Future against CPython: its states, its result, its done callbacks.
 *
 * Each test is the twin of the function of that name in scenarios/futures.py.
 */

import type { Future } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, theme } from './stage.js';

describe('futures, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('futures');

  same('a pending future has neither result nor exception', 'pending', ({ loop, log, attempt }) => {
    const future = loop.createFuture();
    log(future.done(), future.cancelled());
    attempt('result', () => future.result());
    attempt('exception', () => future.exception());
    log(future.getLoop() === loop);
  });

  same('a finished future has a result and no exception', 'finished', ({ loop, log, attempt }) => {
    const future = loop.createFuture();
    attempt('set', () => future.setResult(1));
    log(future.done(), future.cancelled());
    attempt('result', () => future.result());
    attempt('exception', () => future.exception());
  });

  same('a failed future throws its exception every time', 'failed', ({ loop, log, attempt }) => {
    const future = loop.createFuture();
    future.setException(new Boom('x'));
    log(future.done(), future.cancelled());
    attempt('result', () => future.result());
    attempt('result again', () => future.result());
    attempt('exception', () => future.exception());
  });

  same('a future is cancelled once', 'cancelled', ({ loop, log, attempt }) => {
    const future = loop.createFuture();
    log(future.cancel());
    log(future.done(), future.cancelled());
    log(future.cancel());
    attempt('result', () => future.result());
    attempt('exception', () => future.exception());
  });

  same('the first message of a cancellation stays', 'cancelled_with_message', (stage) => {
    const future = stage.loop.createFuture();
    future.cancel('first');
    future.cancel('second');
    stage.attempt('result', () => future.result());
    stage.attempt('result again', () => future.result());
  });

  same('a future that is done keeps its outcome', 'set_twice', ({ loop, attempt }) => {
    const futures = [loop.createFuture(), loop.createFuture(), loop.createFuture()] as const;
    futures[0].setResult(1);
    futures[1].setException(new Boom('early'));
    futures[2].cancel();
    for (const future of futures) {
      attempt('set_result', () => future.setResult(2));
      attempt('set_exception', () => future.setException(new Boom('late')));
      attempt('cancel', () => future.cancel());
      attempt('result', () => future.result());
    }
  });

  same('done callbacks run in order, after a batch', 'callbacks_in_order', (stage) => {
    const future = stage.loop.createFuture();
    for (const name of 'abc') future.addDoneCallback(stage.logs(name));
    future.setResult(1);
    stage.log('set');
    return stage.turns(2);
  });

  same('a done callback gets the future', 'callbacks_get_the_future', ({ loop, log, turns }) => {
    const future = loop.createFuture();
    future.addDoneCallback((done) => log(done === future, done.result()));
    future.setResult(1);
    return turns(2);
  });

  same('a cancelled future calls its callbacks', 'callbacks_of_cancelled', (stage) => {
    const future = stage.loop.createFuture();
    future.addDoneCallback((done) => stage.log('called', done.cancelled()));
    future.cancel();
    return stage.turns(2);
  });

  same(
    'a callback added when done runs in its place of the ready queue',
    'callback_added_when_done',
    ({ loop, log, logs, turns }) => {
      const future = loop.createFuture();
      future.setResult(1);
      loop.callSoon(log, 'ready before');
      future.addDoneCallback(logs('callback'));
      loop.callSoon(log, 'ready after');
      log('added');
      return turns(2);
    },
  );

  same(
    'done callbacks run behind what was ready before',
    'callbacks_among_ready',
    ({ loop, log, logs, turns }) => {
      const future = loop.createFuture();
      future.addDoneCallback(logs('a'));
      future.addDoneCallback(logs('b'));
      loop.callSoon(log, 'first');
      loop.callSoon(() => future.setResult(1));
      loop.callSoon(log, 'second');
      return turns(3);
    },
  );

  same(
    'a removed done callback does not run (callbacks_remove)',
    'removed',
    ({ loop, log, logs, turns }) => {
      const future = loop.createFuture();
      const first = logs('first');
      future.addDoneCallback(first);
      future.addDoneCallback(logs('second'));
      log(future.removeDoneCallback(first));
      log(future.removeDoneCallback(first));
      log(future.removeDoneCallback(logs('unknown')));
      future.setResult(1);
      return turns(2);
    },
  );

  same('a callback added twice runs twice', 'duplicates', ({ loop, logs, turns }) => {
    const future = loop.createFuture();
    const twice = logs('twice');
    for (const callback of [twice, logs('other'), twice]) future.addDoneCallback(callback);
    future.setResult(1);
    return turns(2);
  });

  same('removing a callback removes all of its additions', 'duplicates_removed', (stage) => {
    const { loop, log, logs, turns } = stage;
    const future = loop.createFuture();
    const twice = logs('twice');
    for (const callback of [twice, logs('other'), twice]) future.addDoneCallback(callback);
    log(future.removeDoneCallback(twice));
    future.setResult(1);
    return turns(2);
  });

  same('a callback that is scheduled cannot be removed', 'removed_when_done', (stage) => {
    const { loop, log, logs, turns } = stage;
    const future = loop.createFuture();
    const second = logs('second');
    future.addDoneCallback(() => log('first removes', future.removeDoneCallback(second)));
    future.addDoneCallback(second);
    future.setResult(1);
    log(future.removeDoneCallback(second));
    return turns(2);
  });

  same('a done callback may add done callbacks', 'callback_adds_callbacks', (stage) => {
    const { loop, log, logs, turns } = stage;
    const future = loop.createFuture();
    future.addDoneCallback(() => {
      log('first');
      future.addDoneCallback(logs('added by first'));
    });
    future.addDoneCallback(logs('second'));
    future.setResult(1);
    return turns(3);
  });

  same('a done callback may finish another future', 'callback_finishes_another', (stage) => {
    const { loop, logs, turns } = stage;
    const one: Future = loop.createFuture();
    const two: Future = loop.createFuture();
    two.addDoneCallback(logs('two'));
    one.addDoneCallback(() => two.setResult(1));
    one.addDoneCallback(logs('one'));
    one.setResult(1);
    return turns(3);
  });

  same('an error in a done callback is reported with its handle', 'callback_fails', (stage) => {
    const { loop, logs, turns } = stage;
    const future = loop.createFuture();
    future.addDoneCallback(logs('a'));
    future.addDoneCallback(() => {
      throw new Boom('in done callback');
    });
    future.addDoneCallback(logs('b'));
    future.setResult(1);
    return turns(2);
  });

  same('callbacks of a future that is never done do not run', 'never_set', async (stage) => {
    const future = stage.loop.createFuture();
    future.addDoneCallback(stage.logs('never'));
    await stage.turns(2);
    stage.log(future.done());
  });
});
