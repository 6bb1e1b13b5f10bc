/**
 * wait() against CPython: until the first of several futures is done, the first fails, or all are done.
 *
 * Each test is the twin of the function of that name in scenarios/waits.py; many names are those of
 * CPython's own tests in Lib/test/test_asyncio/test_tasks.py.
 */

import {
  createTask,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  Future,
  gather,
  sleep,
  type Task,
  type WaitOptions,
  wait,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { membersOf } from './members.js';
import { Boom, onVirtualClock, theme } from './stage.js';

const LONG = 10_000;
const SHORT = 1;

describe('wait(), as in asyncio', () => {
  leavesNothingOpen();
  const { both } = flavoursOf(theme('waits', onVirtualClock));

  const task = ({ on, body }: Scene, name: string, count: number, error?: Error) => {
    const work = body(function* () {
      for (let batch = 0; batch < count; batch++) yield* on(sleep(0));
      if (error !== undefined) throw error;
      return name;
    });
    return createTask(work, { name });
  };

  /** Tasks that end one batch after the other. */
  const start = (scene: Scene, names: string) =>
    [...names].map((name, count) => task(scene, name, count));

  const failing = (scene: Scene, name: string, count: number) =>
    task(scene, name, count, new Boom(name));

  const namesOf = (tasks: Set<Task<string>>) => [...tasks].map((one) => one.getName()).sort();

  function* waited({ log, on }: Scene, tasks: Iterable<Task<string>>, options?: WaitOptions) {
    const { done, pending } = yield* on(wait(tasks, options));
    log('done', namesOf(done), 'pending', namesOf(pending));
  }

  both('until all are done', 'wait', function* (scene) {
    const { loop, log } = scene;
    const tasks = start(scene, 'abc');
    loop.callSoon(log, 'callback');
    yield* waited(scene, tasks);
    log(tasks.map((one) => one.result()));
  });

  both('a future given twice counts once', 'wait_duplicates', function* (scene) {
    const [one] = start(scene, 'a') as [Task<string>];
    const { done } = yield* scene.on(wait([one, one]));
    scene.log(done.size);
  });

  both('until the first is done', 'wait_first_completed', function* (scene) {
    const tasks = start(scene, 'abc');
    yield* waited(scene, tasks, { returnWhen: FIRST_COMPLETED });
    yield* waited(scene, tasks);
  });

  both('what is done already', 'wait_really_done', function* (scene) {
    const { loop, log, on } = scene;
    const tasks = start(scene, 'ab');
    yield* on(gather(tasks));
    loop.callSoon(log, 'callback');
    yield* waited(scene, tasks, { returnWhen: FIRST_COMPLETED });
    yield* waited(scene, tasks);
  });

  both('until the first fails', 'wait_first_exception', function* (scene) {
    const [a, fails] = [...start(scene, 'a'), failing(scene, 'fails', 2)] as [
      Task<string>,
      Task<string>,
    ];
    const tasks = [a, fails, ...start(scene, 'b'), task(scene, 'late', 8)];
    yield* waited(scene, tasks, { returnWhen: FIRST_EXCEPTION });
    scene.log([a.exception(), fails.exception()]);
    yield* waited(scene, tasks);
  });

  both('when none fails, until all are done', 'wait_first_exception_without_one', (scene) =>
    waited(scene, start(scene, 'ab'), { returnWhen: FIRST_EXCEPTION }),
  );

  both('a failure in the first batch', 'wait_first_exception_in_wait', (scene) => {
    const tasks = [failing(scene, 'fails', 0), ...start(scene, 'abc')];
    return waited(scene, tasks, { returnWhen: FIRST_EXCEPTION });
  });

  both('an error is not thrown', 'wait_with_exception', function* (scene) {
    const fails = failing(scene, 'fails', 1);
    yield* waited(scene, [...start(scene, 'a'), fails]);
    scene.log(fails.exception());
  });

  both('a cancelled member is no error', 'cancelled_member_is_no_exception', function* (scene) {
    const tasks = start(scene, 'abc');
    tasks[2]?.cancel();
    yield* waited(scene, tasks, { returnWhen: FIRST_EXCEPTION });
    scene.log(tasks[2]?.cancelled());
  });

  both('but it is done', 'cancelled_member_completes', function* (scene) {
    const tasks = start(scene, 'abc');
    tasks[2]?.cancel();
    yield* waited(scene, tasks, { returnWhen: FIRST_COMPLETED });
  });

  both('for some time at most', 'wait_with_timeout', function* (scene) {
    const never = new Future<string>();
    const [one] = start(scene, 'a') as [Task<string>];
    const { done, pending } = yield* scene.on(wait([one, never], { timeout: SHORT }));
    scene.log(done.has(one), pending.has(never), never.cancelled());
  });

  both('for no time', 'wait_timeout_zero', function* ({ log, on }) {
    const [never, finished] = [new Future<void>(), new Future<void>()];
    finished.setResult();
    const { done, pending } = yield* on(wait([never, finished], { timeout: 0 }));
    log(done.has(finished), pending.has(never));
  });

  both('a time that is not used up', 'wait_with_timeout_in_time', (scene) =>
    waited(scene, start(scene, 'ab'), { timeout: LONG }),
  );

  both('cancelling the waiter leaves the members alone', 'waiter_is_cancelled', function* (scene) {
    const { log, on, body, tried } = scene;
    const never = new Future();
    const waiter = createTask(body(() => on(wait([never], { timeout: LONG }))));
    yield* on(sleep(0));
    waiter.cancel('waiter');
    yield* tried('waiter', waiter);
    log(never.done(), waiter.cancelled());
  });

  both('several wait for one', 'several_wait_for_one', function* (scene) {
    const { loop, log, on, body } = scene;
    const future = new Future<void>();
    const waits = body(function* (name: string) {
      yield* on(wait([future]));
      log(name);
    });
    const waiters = [...'abc'].map((name) => createTask(() => waits(name)));
    yield* on(sleep(0));
    waiters[1]?.cancel();
    loop.callSoon(() => future.setResult());
    loop.callSoon(log, 'callback');
    yield* on(gather(waiters, { returnExceptions: true }));
  });

  both(
    'a cancellation right after the result comes first',
    'done_while_the_waiter_is_cancelled',
    function* (scene) {
      const { log, on, body, tried } = scene;
      const future = new Future();
      const waits = body(function* () {
        yield* on(wait([future]));
        log('not here');
      });
      const waiter = createTask(waits);
      yield* on(sleep(0));
      future.setResult('kept');
      waiter.cancel();
      yield* tried('waiter', waiter);
      log(future.result());
    },
  );

  both('what it does not take', 'wait_errors', function* (scene) {
    const future = new Future();
    const refused = (...args: unknown[]) => {
      try {
        wait(...(args as Parameters<typeof wait>));
      } catch (error) {
        scene.log(error instanceof TypeError);
      }
    };
    refused([]);
    refused([future], { returnWhen: 'SOON' });
    refused(future);
    refused([membersOf(scene, true).work('never', 0)]);
  });

  both('any iterable of tasks', 'wait_with_iterator_of_tasks', function* (scene) {
    yield* waited(scene, start(scene, 'ab').values());
    yield* waited(scene, new Set(start(scene, 'cd')));
  });

  both(
    'a cancelled gather() cancels what all wait for',
    'cancellation_broadcast',
    function* (scene) {
      const { log, on, body, caught, tried } = scene;
      const waiter = new Future();
      const inner = body(function* (name: string) {
        const error = yield* caught(waiter);
        log(name, error);
        throw error;
      });
      const children = [...'ab'].map((name) => createTask(() => inner(name)));
      let gathered: Future | undefined;
      const outer = body(function* () {
        gathered = gather(children) as Future;
        yield* on(gathered);
      });
      const main = createTask(outer);
      yield* on(sleep(0));
      yield* on(sleep(0));
      log(main.cancel('outer'));
      yield* tried('outer', main);
      log(
        gathered?.cancel(),
        waiter.cancelled(),
        children.map((child) => child.cancelled()),
      );
    },
  );
});
