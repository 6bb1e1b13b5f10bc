/**
 * Scenarios whose task has a body of interest: the body is written twice, what happens to the task once.
 *
 * Both plays, that with the async function and that with the generator, have to give the trace of the
 * Python scenario. `wait` and `waitOf` are the body that waits for a future and says what it sees.
 */

import {
  CancelledError,
  type CoroutineGenerator,
  coroutine,
  createTask,
  Future,
  sleep,
  type Task,
  type TaskBody,
} from '../../src/index.js';
import type { Stage, Theme } from './stage.js';

/** A future, or how to make it when the task runs. */
export type Awaited = Future<unknown> | (() => Future<unknown>);

export type AsyncBody = (stage: Stage, future: Awaited, name: string) => Promise<unknown>;
export type GeneratorBody = (
  stage: Stage,
  future: Awaited,
  name: string,
) => CoroutineGenerator<unknown>;

/** Starts a task with the body; a pending future is made for one that is not given. */
export type Start = (future?: Awaited, name?: string) => Task;

export type Main = (stage: Stage, start: Start) => Promise<unknown>;

/** A task that takes `count` steps. */
export async function steps(log: Stage['log'], name: string, count = 2): Promise<string> {
  for (let step = 0; step < count; step++) {
    log(name, step);
    await sleep(0);
  }
  log(name, 'end');
  return name;
}

export const stepsOf = coroutine(function* (log: Stage['log'], name: string, count = 2) {
  for (let step = 0; step < count; step++) {
    log(name, step);
    yield* sleep(0);
  }
  log(name, 'end');
  return name;
});

export async function wait({ log }: Stage, future: Awaited, name = 'wait'): Promise<void> {
  log(name, 'starts');
  try {
    log(name, await (typeof future === 'function' ? future() : future));
  } catch (error) {
    if (error instanceof CancelledError) log(name, 'sees', error);
    throw error;
  } finally {
    log(name, 'finally');
  }
}

export function* waitOf({ log }: Stage, future: Awaited, name = 'wait'): CoroutineGenerator<void> {
  log(name, 'starts');
  try {
    log(name, yield* typeof future === 'function' ? future() : future);
  } catch (error) {
    if (error instanceof CancelledError) log(name, 'sees', error);
    throw error;
  } finally {
    log(name, 'finally');
  }
}

/** `main` runs as the main task; the body is by default the one that waits. */
export type SameBodies = (
  title: string,
  name: string,
  main: Main,
  asynchronous?: AsyncBody,
  generator?: GeneratorBody,
) => void;

export function bodiesOf({ same }: Theme): SameBodies {
  return (title, name, main, asynchronous = wait, generator = waitOf) => {
    const play = (stage: Stage, body: AsyncBody | GeneratorBody) => {
      const start: Start = (future = new Future(), word = 'wait') =>
        createTask((() => body(stage, future, word)) as TaskBody<unknown>);
      return stage.loop.runUntilComplete(() => main(stage, start));
    };
    same(title, name, (stage) => play(stage, asynchronous));
    same(`${title} (generator)`, name, (stage) => play(stage, generator));
  };
}
