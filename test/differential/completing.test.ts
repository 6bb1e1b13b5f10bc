/**
 * asCompleted() against CPython: results as they come.
 *
 * Each test is the twin of the function of that name in scenarios/completing.py; many names are those of
 * CPython's own tests in Lib/test/test_asyncio/test_tasks.py. Asynchronous iteration came with CPython 3.13
 * (Lib/asyncio/tasks.py, _AsCompletedIterator): its traces are in writing.
 */

import {
  type AsCompleted,
  asCompleted,
  type Coroutine,
  type CoroutineGenerator,
  coroutine,
  createTask,
  Future,
  gather,
  sleep,
  Task,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { flavoursOf, type Scene } from './flavours.js';
import { Boom, onVirtualClock, theme } from './stage.js';

const LONG = 10_000;
const SHORT = 1;

type Work = (name: string, count: number, error?: Error) => Coroutine<string>;

describe('asCompleted(), as in asyncio', () => {
  leavesNothingOpen();
  const { both, bothWritten } = flavoursOf(theme('completing', onVirtualClock));

  const workOf = ({ on, body }: Scene): Work => {
    const steps = body(function* (name: string, count: number, error?: Error) {
      for (let batch = 0; batch < count; batch++) yield* on(sleep(0));
      if (error !== undefined) throw error;
      return name;
    });
    return coroutine(steps) as Work;
  };

  both('the fast ones first', 'as_completed', function* (scene) {
    const { log, on } = scene;
    const work = workOf(scene);
    const works = [work('slow', 6), work('fast', 1), work('middle', 3)];
    for (const next of asCompleted(works)) log(yield* on(next));
  });

  both('all may be awaited at once', 'as_completed_concurrent', function* (scene) {
    const { log, on } = scene;
    const work = workOf(scene);
    const waiting = [...asCompleted([work('a', 1), work('b', 3)])];
    log((yield* on(gather(waiting))).sort());
  });

  both('what is given twice comes once', 'as_completed_duplicate_coroutines', function* (scene) {
    const { log, on } = scene;
    const work = workOf(scene);
    const ham = work('ham', 0);
    const results: string[] = [];
    for (const next of asCompleted([ham, ham, work('spam', 3)])) results.push(yield* on(next));
    log(results);
  });

  both('what is done already takes a batch', 'as_completed_of_done_futures', function* (scene) {
    const { loop, log, on } = scene;
    const futures = [new Future(), new Future()] as const;
    futures[1].setResult('done');
    loop.callSoon(log, 'callback');
    const following = asCompleted(futures)[Symbol.iterator]();
    log(yield* on(following.next().value as Future));
    futures[0].setResult('later');
    log(yield* on(following.next().value as Future));
    log(following.next().done ? 'no more' : 'more');
  });

  // biome-ignore lint/correctness/useYield: nothing to wait for
  both('nothing', 'as_completed_of_nothing', function* ({ log }) {
    log([...asCompleted([])]);
    log([...asCompleted([], { timeout: LONG })]);
  });

  both('errors and cancellations in their turn', 'as_completed_with_errors', function* (scene) {
    const work = workOf(scene);
    const cancelled = new Future<string>();
    cancelled.cancel('cancelled');
    const works = [cancelled, work('fails', 2, new Boom('fails')), work('ends', 5)];
    for (const next of asCompleted(works)) yield* scene.tried('next', next);
  });

  both('for some time at most', 'as_completed_with_timeout', function* (scene) {
    const work = workOf(scene);
    const never = new Future<string>();
    for (const next of asCompleted([work('fast', 1), never], { timeout: 20 * SHORT })) {
      yield* scene.tried('next', next);
    }
    scene.log(never.done());
  });

  both('a time that is not used up', 'as_completed_with_unused_timeout', function* (scene) {
    const { log, on } = scene;
    const work = workOf(scene);
    for (const next of asCompleted([work('a', 1)], { timeout: LONG })) log(yield* on(next));
  });

  both(
    'what came in time is given after it too',
    'as_completed_taken_after_the_timeout',
    function* ({ on, tried }) {
      const [done, never] = [new Future(), new Future()];
      done.setResult('in time');
      const waiting = asCompleted([never, done], { timeout: SHORT })[Symbol.iterator]();
      yield* on(sleep(3 * SHORT));
      yield* tried('first', waiting.next().value as Future);
      yield* tried('second', waiting.next().value as Future);
    },
  );

  both('a cancelled waiter leaves the members alone', 'cancelled_while_waiting', function* (scene) {
    const { log, on, body, tried } = scene;
    const never = new Future();
    const waits = body(function* () {
      for (const next of asCompleted([never])) yield* on(next);
    });
    const task = createTask(waits);
    yield* on(sleep(0));
    yield* on(sleep(0));
    task.cancel('outside');
    yield* tried('task', task);
    log(never.done());
  });

  /** What `for await` does. */
  function* forAwait<W>(
    { on }: Scene,
    iterator: AsCompleted<W>,
    each: (future: Task<string>) => CoroutineGenerator<void>,
  ) {
    for (;;) {
      const step = yield* on(iterator.next());
      if (step.done) return;
      yield* each(step.value as Task<string>);
    }
  }

  bothWritten(
    'for await gives the tasks themselves',
    'async_iteration',
    ['true fast fast', 'true slow slow'],
    function* (scene) {
      const work = workOf(scene);
      const tasks = [
        createTask(work('slow', 6), { name: 'slow' }),
        createTask(work('fast', 1), { name: 'fast' }),
      ];
      // biome-ignore lint/correctness/useYield: nothing to wait for
      yield* forAwait(scene, asCompleted(tasks), function* (task) {
        scene.log(tasks.includes(task), task.getName(), task.result());
      });
    },
  );

  bothWritten(
    'for await gives the tasks made of coroutines',
    'async_iteration_of_coroutines',
    ['true a', 'true b'],
    function* (scene) {
      const work = workOf(scene);
      yield* forAwait(scene, asCompleted([work('a', 1), work('b', 4)]), function* (task) {
        scene.log(task instanceof Task, yield* scene.on(task));
      });
    },
  );

  bothWritten(
    'for await does not throw their errors',
    'async_iteration_with_errors',
    ['task Boom(fails)', 'task b'],
    function* (scene) {
      const work = workOf(scene);
      const works = [work('fails', 1, new Boom('fails')), work('b', 4)];
      yield* forAwait(scene, asCompleted(works), (task) => scene.tried('task', task));
    },
  );

  bothWritten(
    'for await throws TimeoutError when the time is over',
    'async_iteration_with_timeout',
    ['fast', 'TimeoutError() false'],
    function* (scene) {
      const work = workOf(scene);
      const never = new Future<string>();
      const iterator = asCompleted([never, work('fast', 1)], { timeout: 20 * SHORT });
      try {
        yield* forAwait(scene, iterator, function* (task) {
          scene.log(yield* scene.on(task));
        });
      } catch (error) {
        scene.log(error, never.done());
      }
    },
  );
});
