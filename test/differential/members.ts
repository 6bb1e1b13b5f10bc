/**
 * What the scenarios of gather() gather: coroutines that work for some batches, or wait to be cancelled.
 *
 * The counterparts of `work` in scenarios/gathering.py and `wait` in scenarios/cancelling.py, as async
 * functions or as generators.
 */

import { type Coroutine, coroutine, Future, sleep } from '../../src/index.js';
import { wait, waitOf } from './bodies.js';
import type { Stage } from './stage.js';

export interface Members {
  /** Ends after some batches, with `error` if there is one, else with its name. */
  work(name: string, batches: number, error?: Error): Coroutine<string>;
  /** Waits for a future that nobody sets, and says what it sees. */
  waiting(name: string): Coroutine<unknown>;
  /** Waits and swallows its cancellation. */
  swallowing(): Coroutine<string>;
}

export function membersOf(stage: Stage, generators: boolean): Members {
  return generators ? generatorMembers(stage) : asyncMembers(stage);
}

function asyncMembers(stage: Stage): Members {
  return {
    work: coroutine(async (name: string, batches: number, error?: Error) => {
      for (let batch = 0; batch < batches; batch++) await sleep(0);
      stage.log(name, 'ends');
      if (error !== undefined) throw error;
      return name;
    }),
    waiting: coroutine((name: string) => wait(stage, new Future(), name)),
    swallowing: coroutine(async () => {
      try {
        await new Future();
      } catch {
        stage.log('swallows');
      }
      return 'swallowed';
    }),
  };
}

function generatorMembers(stage: Stage): Members {
  return {
    work: coroutine(function* (name: string, batches: number, error?: Error) {
      for (let batch = 0; batch < batches; batch++) yield* sleep(0);
      stage.log(name, 'ends');
      if (error !== undefined) throw error;
      return name;
    }),
    waiting: coroutine(function* (name: string) {
      yield* waitOf(stage, new Future(), name);
    }),
    swallowing: coroutine(function* () {
      try {
        yield* new Future();
      } catch {
        stage.log('swallows');
      }
      return 'swallowed';
    }),
  };
}
