/**
 * Cancellation through tasks that wait for tasks, against CPython.
 *
 * Each test is the twin of the function of that name in scenarios/chains.py. Here both bodies of a
 * scenario, the inner and the outer, come as async functions and as generators.
 */

import {
  CancelledError,
  type CoroutineGenerator,
  createTask,
  currentTask,
  Future,
  sleep,
  type Task,
  type TaskBody,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { wait, waitOf } from './bodies.js';
import { Boom, type Stage, theme } from './stage.js';

/** Awaits, and says what it sees. */
async function sees({ log }: Stage, name: string, future: Future): Promise<unknown> {
  let result: unknown;
  try {
    result = await future;
  } catch (error) {
    log(name, 'sees', error);
    throw error;
  }
  log(name, 'got', result);
  return result;
}

function* seesOf({ log }: Stage, name: string, future: Future): CoroutineGenerator<unknown> {
  let result: unknown;
  try {
    result = yield* future;
  } catch (error) {
    log(name, 'sees', error);
    throw error;
  }
  log(name, 'got', result);
  return result;
}

async function stubborn({ log }: Stage, times: number): Promise<string> {
  for (let time = 0; time < times; time++) {
    try {
      await new Future();
    } catch (error) {
      log('inner', error);
    }
  }
  return 'inner result';
}

function* stubbornOf({ log }: Stage, times: number): CoroutineGenerator<string> {
  for (let time = 0; time < times; time++) {
    try {
      yield* new Future();
    } catch (error) {
      log('inner', error);
    }
  }
  return 'inner result';
}

interface Cast {
  waiting(name: string): Task;
  seeing(name: string, future: Future): Task;
  stubborn(times: number): Task;
}

function castOf(stage: Stage, generators: boolean): Cast {
  const start = (body: () => unknown) => createTask(body as TaskBody<unknown>);
  const future = new Future();
  return generators
    ? {
        waiting: (name) => start(() => waitOf(stage, future, name)),
        seeing: (name, inner) => start(() => seesOf(stage, name, inner)),
        stubborn: (times) => start(() => stubbornOf(stage, times)),
      }
    : {
        waiting: (name) => start(() => wait(stage, future, name)),
        seeing: (name, inner) => start(() => sees(stage, name, inner)),
        stubborn: (times) => start(() => stubborn(stage, times)),
      };
}

async function batches(count: number): Promise<void> {
  for (let batch = 0; batch < count; batch++) await sleep(0);
}

describe('cancelling tasks that wait for tasks, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('chains');
  const same = (title: string, name: string, main: (stage: Stage, cast: Cast) => Promise<void>) => {
    sameTask(title, name, (stage) => main(stage, castOf(stage, false)));
    sameTask(`${title} (generators)`, name, (stage) => main(stage, castOf(stage, true)));
  };

  same(
    'the awaited task is cancelled first',
    'outer_cancels_inner',
    async ({ log, outcome }, cast) => {
      const inner = cast.waiting('inner');
      const outer = cast.seeing('outer', inner);
      await batches(2);
      log(outer.cancel('why'), inner.cancelling(), outer.cancelling());
      await outcome('await', outer);
      log(inner.cancelled(), outer.cancelled());
    },
  );

  same(
    'a task whose awaited task is cancelled ends cancelled',
    'inner_cancels_outer',
    async ({ log, outcome }, cast) => {
      const inner = cast.waiting('inner');
      const outer = cast.seeing('outer', inner);
      await batches(1);
      log(inner.cancel('why'), inner.cancelling(), outer.cancelling());
      await outcome('await', outer);
      log(inner.cancelled(), outer.cancelled());
    },
  );

  sameTask('a task that swallows gives its result', 'inner_swallows', async (stage) => {
    const inner = createTask(async () => {
      try {
        await new Future();
      } catch (error) {
        if (error instanceof CancelledError) stage.log('inner swallows');
      }
      return 'result';
    });
    const outer = createTask(() => sees(stage, 'outer', inner));
    await batches(2);
    outer.cancel();
    await stage.outcome('await', outer);
    stage.log(inner.cancelled(), outer.cancelled());
  });

  sameTask('a task that replaces gives its error', 'inner_replaces', async (stage) => {
    const inner = createTask(async () => {
      try {
        await new Future();
      } catch {
        throw new Boom('instead');
      }
    });
    const outer = createTask(() => sees(stage, 'outer', inner));
    await batches(2);
    outer.cancel();
    await stage.outcome('await', outer);
  });

  sameTask(
    'a cancelled task waits for the awaited one to clean up',
    'inner_takes_its_time',
    async (stage) => {
      const { log, outcome } = stage;
      const inner = createTask(async () => {
        try {
          await new Future();
        } finally {
          log('inner cleans');
          await batches(2);
          log('inner has cleaned');
        }
      });
      const outer = createTask(() => sees(stage, 'outer', inner));
      await batches(2);
      outer.cancel();
      await batches(1);
      log('outer done', outer.done());
      await outcome('await', outer);
    },
  );

  same(
    'an awaited task that has not started never runs',
    'inner_is_not_started',
    async (stage, cast) => {
      const outer = createTask(async () => {
        const inner = cast.waiting('inner');
        currentTask()?.cancel();
        await sees(stage, 'outer', inner);
      });
      await stage.outcome('await', outer);
      await batches(1);
    },
  );

  same(
    'a cancellation goes through a chain of three',
    'three_deep',
    async ({ log, outcome }, cast) => {
      const first = cast.waiting('first');
      const second = cast.seeing('second', first);
      const third = cast.seeing('third', second);
      await batches(3);
      third.cancel('deep');
      await outcome('await', third);
      log(first.cancelling(), second.cancelling(), third.cancelling());
    },
  );

  same(
    'all who wait for a task share its cancellation',
    'two_wait_for_one',
    async (stage, cast) => {
      const inner = cast.waiting('inner');
      const one = cast.seeing('one', inner);
      const two = cast.seeing('two', inner);
      await batches(2);
      one.cancel();
      await stage.outcome('two', two);
      await stage.outcome('one', one);
    },
  );

  same(
    'a task whose awaited task swallows can be cancelled again',
    'cancelled_twice_through',
    async ({ log, outcome }, cast) => {
      const inner = cast.stubborn(2);
      const outer = cast.seeing('outer', inner);
      await batches(2);
      outer.cancel('one');
      await batches(2);
      log('outer done', outer.done());
      outer.cancel('two');
      await outcome('await', outer);
      log(outer.cancelling(), inner.cancelling());
    },
  );

  same(
    'all who wait for a future share its cancellation',
    'shared_future',
    async ({ log, outcome }, cast) => {
      const future = new Future();
      const one = cast.seeing('one', future);
      const two = cast.seeing('two', future);
      await batches(1);
      one.cancel('shared');
      await outcome('one', one);
      await outcome('two', two);
      log(one.cancelling(), two.cancelling(), two.cancelled());
    },
  );

  same(
    'awaiting a cancelled task throws and cancels nobody',
    'waits_for_cancelled_task',
    async ({ log, outcome }, cast) => {
      const inner = cast.waiting('inner');
      await batches(1);
      inner.cancel();
      await outcome('one', inner);
      await outcome('two', inner);
      log('main goes on', currentTask()?.cancelling());
    },
  );
});
