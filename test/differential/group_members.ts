/**
 * What the scenarios of TaskGroup run in groups, in either flavour.
 *
 * The counterparts of `work`, `waiting` and the like in scenarios/taskgroups.py.
 */

import {
  type CoroutineGenerator,
  createTask,
  currentTask,
  Future,
  sleep,
  type Task,
  type TaskBody,
} from '../../src/index.js';
import type { Scene } from './flavours.js';

export const cancelling = () => currentTask()?.cancelling();

type Body<T> = () => CoroutineGenerator<T> | Promise<T>;

export interface GroupMembers {
  /** Ends after some batches, with `error` if there is one, else with its name. */
  work: (name: string, steps?: number, error?: Error) => Body<string>;
  /** Waits for ever, and says what it sees. */
  waiting: (name: string) => Body<void>;
  /** Waits for ever, and throws `error` when it is cancelled. */
  failing: (error: Error) => Body<void>;
  /** Fails in its first step. */
  failed: (error: Error) => () => unknown;
  /** Waits for some batches. */
  turns: (count: number) => CoroutineGenerator<void>;
  /** A task that has had some batches. */
  started: <T>(body: TaskBody<T>) => CoroutineGenerator<Task<T>>;
}

export function groupMembersOf({ log, on, body }: Scene): GroupMembers {
  function* turns(count: number): CoroutineGenerator<void> {
    for (let turn = 0; turn < count; turn++) yield* on(sleep(0));
  }
  return {
    turns,
    work: (name, steps = 1, error = undefined) =>
      body(function* () {
        yield* turns(steps);
        log(name, 'ends');
        if (error !== undefined) throw error;
        return name;
      }),
    waiting: (name) =>
      body(function* () {
        try {
          yield* on(new Future());
        } catch (error) {
          log(name, 'sees', error, cancelling());
          throw error;
        }
      }),
    failing: (error) =>
      body(function* () {
        try {
          yield* on(new Future());
        } catch {
          throw error;
        }
      }),
    failed: (error) =>
      body(() => {
        if (error) throw error;
      }),
    *started(main) {
      const task = createTask(main);
      yield* turns(4);
      return task;
    },
  };
}
