/**
 * Steps a generator for a task: asyncio's Task.__step, exactly.
 *
 * Each yield suspends until the yielded future (or promise) is done, a bare yield until the next
 * batch. The result, the error or the cancellation is sent into the generator there.
 */

import { repr } from '../util/format.js';
import { type AnyFuture, waitRefusal } from './awaiter.js';
import type { CoroutineGenerator } from './coroutines.js';
import { CancelledError, RuntimeError } from './exceptions.js';
import { isFuture } from './futures.js';
import type { Task } from './tasks.js';

export class GeneratorDriver<T> {
  readonly #task: Task<T>;
  readonly #generator: CoroutineGenerator<T>;
  #future: AnyFuture | null = null;
  /** Counts waits on foreign promises, so that one given up is not heard any more. */
  #foreignWait = 0;
  #waitsOnForeign = false;
  #value: unknown = undefined;
  #error: unknown = undefined;
  #throws = false;

  constructor(task: Task<T>, generator: CoroutineGenerator<T>) {
    this.#task = task;
    this.#generator = generator;
  }

  /** One step; called in the task's scope. */
  step(): void {
    this.#takeOutcome();
    let result: IteratorResult<unknown, T>;
    try {
      if (this.#throws) {
        const error = this.#error;
        this.#throws = false;
        this.#error = undefined;
        result = this.#generator.throw(error);
      } else {
        const value = this.#value;
        this.#value = undefined;
        result = this.#generator.next(value);
      }
    } catch (error) {
      this.#task._finishThrown(error);
      return;
    }
    if (result.done) this.#task._finish(result.value);
    else this.#suspend(result.value);
  }

  /** The task was cancelled while it waits on nothing that can be: goes on at once, if it waits. */
  interrupt(): void {
    if (!this.#waitsOnForeign) return;
    this.#waitsOnForeign = false;
    this.#foreignWait++;
    this.#task._loop._enqueue(this.#task);
  }

  #takeOutcome(): void {
    const future = this.#future;
    const cancellation = this.#task._takeCancellation();
    if (cancellation !== null) this.#throw(cancellation);
    if (future === null) return;
    this.#future = null;
    this.#task._endWait(future);
    try {
      this.#value = future.result();
    } catch (error) {
      // The future's own cancellation came first.
      if (cancellation === null || error instanceof CancelledError) this.#throw(error);
    }
  }

  #throw(error: unknown): void {
    this.#throws = true;
    this.#error = error;
  }

  #suspend(yielded: unknown): void {
    const task = this.#task;
    if (isFuture(yielded)) {
      this.#waitOn(yielded);
    } else if (yielded === undefined || yielded === null) {
      task._loop._enqueue(task);
    } else if (typeof (yielded as PromiseLike<unknown>).then === 'function') {
      this.#waitOnForeign(yielded as PromiseLike<unknown>);
    } else {
      this.#throw(new RuntimeError(`Task got bad yield: ${repr(yielded)}`));
      task._loop._enqueue(task);
    }
  }

  #waitOn(future: AnyFuture): void {
    const task = this.#task;
    const refusal = waitRefusal(task, future);
    if (refusal !== null) {
      this.#throw(refusal);
      task._loop._enqueue(task);
      return;
    }
    this.#future = future;
    future._addWaiting(task);
    task._beginWait(future);
  }

  #waitOnForeign(promise: PromiseLike<unknown>): void {
    const wait = ++this.#foreignWait;
    this.#waitsOnForeign = true;
    const settle = (accept: () => void) => {
      if (wait !== this.#foreignWait) return;
      this.#waitsOnForeign = false;
      accept();
      this.#task._loop._enqueue(this.#task);
    };
    promise.then(
      (value) =>
        settle(() => {
          this.#value = value;
        }),
      (error) => settle(() => this.#throw(error)),
    );
  }
}
