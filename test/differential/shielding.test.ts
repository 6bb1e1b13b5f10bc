/**
 * shield() against CPython: waiting without cancelling.
 *
 * Each test is the twin of the function of that name in scenarios/shielding.py; many names are those of
 * CPython's own tests in Lib/test/test_asyncio/test_tasks.py.
 */

import {
  coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  shield,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { Boom, onVirtualClock, theme } from './stage.js';

describe('shield(), as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('shielding', onVirtualClock));

  function* batches({ on }: Scene, count: number) {
    for (let batch = 0; batch < count; batch++) yield* on(sleep(0));
  }

  both('the result comes through', 'shield_result', function* ({ log, on }) {
    const inner = new Future();
    const outer = shield(inner);
    inner.setResult(42);
    log(outer.done());
    log(yield* on(outer));
  });

  both('an error comes through', 'shield_exception', function* ({ tried }) {
    const inner = new Future();
    const outer = shield(inner);
    inner.setException(new Boom('inner'));
    yield* tried('outer', outer);
  });

  both('the cancellation of the inner comes through', 'shield_cancel_inner', function* (scene) {
    const { log, on, tried } = scene;
    const inner = new Future();
    const outer = shield(inner);
    yield* on(sleep(0));
    inner.cancel('inner');
    yield* batches(scene, 2);
    log(outer.cancelled());
    yield* tried('outer', outer);
  });

  both('cancelling the outer leaves the inner alone', 'shield_cancel_outer', function* (scene) {
    const { log, on, tried } = scene;
    const inner = new Future();
    const outer = shield(inner);
    yield* on(sleep(0));
    log(outer.cancel('outer'));
    yield* on(sleep(0));
    log(outer.cancelled(), inner.cancelled(), inner.done());
    yield* tried('outer', outer);
  });

  both('what is done needs no shield', 'shield_shortcut', function* ({ log, on }) {
    const inner = new Future();
    inner.setResult(42);
    log(shield(inner) === inner);
    log(yield* on(shield(inner)));
  });

  both('a shielded coroutine outlives who waits for it', 'shield_effect', function* (scene) {
    const { log, on, body, tried } = scene;
    const waiter = new Future<void>();
    const inner = coroutine(
      body(function* () {
        yield* on(waiter);
        log('inner ends');
      }),
    );
    const outer = body(function* () {
      yield* on(shield(inner()));
      log('not here');
    });
    const task = createTask(outer);
    yield* batches(scene, 2);
    task.cancel('outer');
    yield* tried('outer', task);
    waiter.setResult();
    yield* batches(scene, 2);
  });

  both('a shield around gather()', 'shield_gather', function* (scene) {
    const { log, on } = scene;
    const children = [new Future(), new Future()];
    const parent = gather(children);
    const outer = shield(parent);
    yield* on(sleep(0));
    outer.cancel();
    yield* on(sleep(0));
    log(outer.cancelled(), parent.done());
    children[0]?.setResult(1);
    children[1]?.setResult(2);
    yield* batches(scene, 2);
    log(parent.result());
  });

  both('gather() of shields', 'gather_shield', function* (scene) {
    const { log, on, tried } = scene;
    const children = [new Future(), new Future()];
    const shields = children.map((child) => shield(child));
    const parent = gather(shields);
    yield* on(sleep(0));
    parent.cancel();
    yield* batches(scene, 2);
    yield* tried('parent', parent);
    log(
      shields.map((one) => one.cancelled()),
      children.map((one) => one.cancelled()),
    );
    children[0]?.setResult(1);
    children[1]?.setResult(2);
    yield* batches(scene, 2);
  });

  both(
    'a cancelled task may wait for the shielded one again',
    'shielded_task_is_waited_for_again',
    function* (scene) {
      const { log, on, body, tried } = scene;
      const work = body(function* () {
        yield* batches(scene, 3);
        return 'done';
      });
      const task = createTask(work);
      const waits = body(function* () {
        try {
          yield* on(shield(task));
        } catch (error) {
          log('sees', error, task.done());
          log(yield* on(task));
          throw error;
        }
      });
      const waiter = createTask(waits);
      yield* on(sleep(0));
      waiter.cancel('outer');
      yield* tried('waiter', waiter);
    },
  );

  both('several shields of one future', 'several_shields_of_one', function* ({ tried }) {
    const inner = new Future();
    const shields = [shield(inner), shield(inner), shield(inner)];
    shields[1]?.cancel();
    inner.setResult('inner');
    for (const one of shields) yield* tried('shield', one);
  });

  both('the outer is done a batch later', 'order_of_what_waits', function* (scene) {
    const { logs } = scene;
    const inner = new Future<void>();
    inner.addDoneCallback(logs('before'));
    const outer = shield(inner);
    outer.addDoneCallback(logs('outer'));
    inner.addDoneCallback(logs('after'));
    inner.setResult();
    yield* batches(scene, 4);
  });

  both('a coroutine gets a task of its own', 'shielded_coroutine', function* (scene) {
    const { log, on, body } = scene;
    const main = currentTask();
    const work = coroutine(
      body(function* () {
        log('starts', currentTask() === main);
        yield* on(sleep(0));
        return 'done';
      }),
    );
    log(yield* on(shield(work())));
  });

  bothWritten(
    'an error after the outer was cancelled is reported',
    'inner_fails_after_outer_is_cancelled',
    // CPython 3.14, Lib/asyncio/tasks.py, _log_on_exception
    ['reported exception future message Boom(inner)', 'true'],
    function* (scene) {
      const inner = new Future();
      const outer = shield(inner);
      outer.cancel();
      yield* scene.on(sleep(0));
      inner.setException(new Boom('inner'));
      yield* batches(scene, 2);
      scene.log(outer.cancelled());
    },
  );

  bothWritten(
    'once, however many were cancelled',
    'inner_fails_after_several_are_cancelled',
    // CPython 3.14, Lib/asyncio/tasks.py, shield(): one callback to log is kept
    ['reported exception future message Boom(inner)'],
    function* (scene) {
      const inner = new Future();
      for (let count = 0; count < 3; count++) shield(inner).cancel();
      yield* scene.on(sleep(0));
      inner.setException(new Boom('inner'));
      yield* batches(scene, 2);
    },
  );
});
