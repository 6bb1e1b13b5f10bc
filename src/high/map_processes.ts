/**
 * mapProcesses(): one call for each of many items, so many of them at a time; a TaskGroup with a Semaphore.
 *
 * Made for programs, it serves for whatever waits. Invariant: items are taken only as there is room for them, and
 * when the future is done no call is under way any more.
 */

import { availableParallelism } from 'node:os';
import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { ExceptionGroup } from '../core/exception_group.js';
import { CancelledError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { createTask } from '../core/task_factory.js';
import type { Guard } from '../sync/acquirable.js';
import { Semaphore } from '../sync/semaphores.js';
import { type TaskGroup, taskGroup } from '../sync/taskgroups.js';
import { checkBoolean, checkFunction, checkInteger, typeError } from '../util/check.js';

/** What mapProcesses() takes. */
export interface MapProcessesOptions extends AbortOptions {
  /** How many calls are under way at most; by default as many as there are processors. */
  concurrency?: number;
  /** Cancels the other calls when one fails, instead of going on with the rest. */
  stopOnError?: boolean;
}

/**
 * Calls `fn(item, index)` for each item, in a task of its own, such as a runProcess() of something with the item; so many
 * at a time. asyncio has none.
 *
 * @param items an iterable or async iterable of any length
 * @returns a future of the results, in the order of the items. When calls have failed it fails with an ExceptionGroup
 *   of their errors, in that order too, after all others have ended. Cancelling it cancels the calls
 * @throws TypeError or RangeError
 */
export function mapProcesses<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  fn: (item: T, index: number) => PromiseLike<R> | R,
  options: MapProcessesOptions = {},
): Future<R[]> {
  const candidate = items as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined;
  if (!candidate?.[Symbol.iterator] && !candidate?.[Symbol.asyncIterator]) {
    throw typeError('items', 'an iterable', items);
  }
  checkFunction('fn', fn);
  checkAbortOptions(options);
  const { concurrency = availableParallelism(), stopOnError = false } = options;
  checkInteger('concurrency', concurrency, 1, Number.MAX_SAFE_INTEGER);
  checkBoolean('stopOnError', stopOnError);
  const mapping = new Mapping(fn, stopOnError);
  const task = createTask(() => mapping.run(items, new Semaphore(concurrency)), {
    name: 'mapProcesses',
  });
  return cancelOnAbort(task, options);
}

class Mapping<T, R> {
  readonly #fn: (item: T, index: number) => PromiseLike<R> | R;
  readonly #stopOnError: boolean;
  readonly #results: R[] = [];
  readonly #errors: { index: number; error: unknown }[] = [];
  #stopped = false;

  constructor(fn: (item: T, index: number) => PromiseLike<R> | R, stopOnError: boolean) {
    this.#fn = fn;
    this.#stopOnError = stopOnError;
  }

  async run(items: Iterable<T> | AsyncIterable<T>, room: Semaphore): Promise<R[]> {
    await taskGroup(async (group) => {
      let next = 0;
      for await (const item of items) {
        const guard = await room.acquire();
        const index = next++;
        group.createTask(() => this.#call(item, index, group, guard));
      }
    });
    if (this.#errors.length > 0) {
      this.#errors.sort((one, other) => one.index - other.index);
      const errors = this.#errors.map(({ error }) => error);
      throw new ExceptionGroup('unhandled errors in mapProcesses()', errors);
    }
    return this.#results;
  }

  async #call(item: T, index: number, group: TaskGroup, guard: Guard): Promise<void> {
    try {
      this.#results[index] = await this.#fn(item, index);
    } catch (error) {
      // Those that the first error has cancelled are no errors of their own.
      if (this.#stopped && error instanceof CancelledError) return;
      this.#errors.push({ index, error });
      if (!this.#stopOnError) return;
      this.#stopped = true;
      group.cancel();
    } finally {
      guard[Symbol.dispose]();
    }
  }
}
