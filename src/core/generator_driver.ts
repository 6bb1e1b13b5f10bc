/**
 * Steps a generator for a task: asyncio's Task.__step, exactly.
 *
 * Each yield suspends until the yielded future (or promise) is done, a bare yield until the next
 * batch. The result, the error or the cancellation is sent into the generator there. The driver is also the
 * async context that its task runs in, whatever the task's body is: one object less for a million tasks.
 */

import { AsyncResource } from 'node:async_hooks';
import { repr } from '../util/format.js';
import { type AnyFuture, waitRefusal } from './awaiter.js';
import type { CoroutineGenerator } from './coroutines.js';
import { CancelledError, RuntimeError } from './exceptions.js';
import { Foreign } from './foreign.js';
import { isFuture } from './futures.js';
import type { Task } from './tasks.js';

export class GeneratorDriver<T> extends AsyncResource {
  readonly #task: Task<T>;
  /** Null while the body has not started, and when it is no generator. */
  #generator: CoroutineGenerator<T> | null = null;
  #future: AnyFuture | null = null;
  /** What is wrong with what was yielded last. */
  #refusal: RuntimeError | null = null;

  constructor(task: Task<T>) {
    super('uvio.Task');
    this.#task = task;
  }

  get started(): boolean {
    return this.#generator !== null;
  }

  /** The first step; like the others, called in this very context. */
  start(generator: CoroutineGenerator<T>): void {
    this.#generator = generator;
    this.step();
  }

  step(): void {
    let result: IteratorResult<unknown, T>;
    try {
      result = this.#resume();
    } catch (error) {
      this.#task._finishThrown(error);
      return;
    }
    if (result.done === true) this.#task._finish(result.value);
    else this.#suspend(result.value);
  }

  #resume(): IteratorResult<unknown, T> {
    const generator = this.#generator as CoroutineGenerator<T>;
    const cancellation = this.#task._takeCancellation();
    const future = this.#future;
    if (future === null) {
      const error = cancellation ?? this.#refusal;
      this.#refusal = null;
      return error === null ? generator.next() : generator.throw(error);
    }
    this.#future = null;
    this.#task._endWait(future);
    let value: unknown;
    try {
      value = future.result();
    } catch (error) {
      // The future's own cancellation came first.
      const first = error instanceof CancelledError ? error : (cancellation ?? error);
      return generator.throw(first);
    }
    return cancellation === null ? generator.next(value) : generator.throw(cancellation);
  }

  #suspend(yielded: unknown): void {
    const task = this.#task;
    if (yielded === undefined || yielded === null) {
      task._loop._enqueue(task);
    } else if (isFuture(yielded)) {
      this.#waitOn(yielded);
    } else if (typeof (yielded as PromiseLike<unknown>).then === 'function') {
      this.#waitOn(new Foreign(yielded as PromiseLike<unknown>, { loop: task._loop }));
    } else {
      this.#refuse(new RuntimeError(`Task got bad yield: ${repr(yielded)}`));
    }
  }

  #waitOn(future: AnyFuture): void {
    const task = this.#task;
    const refusal = waitRefusal(task, future);
    if (refusal !== null) {
      this.#refuse(refusal);
      return;
    }
    this.#future = future;
    future._addWaiting(task);
    task._beginWait(future);
  }

  #refuse(refusal: RuntimeError): void {
    this.#refusal = refusal;
    this.#task._loop._enqueue(this.#task);
  }
}
