/**
 * One `await` (or then) of a future: resumes it, and tells the awaiting task what it waits on.
 *
 * An await inside a task is where cancellation is thrown in. The awaiter is entered in its task from
 * the await to the resumption, so that task.cancel() finds the future to cancel.
 */

import { runningTask } from './context.js';
import type { Runnable } from './events.js';
import { CancelledError, RuntimeError } from './exceptions.js';
import type { Future } from './futures.js';
import type { Scheduler } from './scheduler.js';

/** A future whose result's type does not matter. */
export interface AnyFuture {
  readonly _loop: Scheduler;
  done(): boolean;
  cancel(message?: unknown): boolean;
  result(): unknown;
  exception(): unknown;
  _addWaiting(runnable: Runnable): void;
  _markRetrieved(): void;
  /** What cancelling it cancels. */
  readonly _root: AnyFuture;
  /** What it waits for itself, for the call graph. */
  _awaits(): Iterable<AnyFuture>;
}

/** What an awaiter needs of the task that awaits. */
export interface AwaitingTask {
  readonly _loop: object;
  /** The task begins to wait on `future`; it cancels the future at once if it has been cancelled. */
  _beginWait(future: AnyFuture): void;
  _endWait(future: AnyFuture): void;
  /** Takes a cancellation that has not been thrown yet. */
  _takeCancellation(): CancelledError | null;
}

/** Why `task` cannot wait on `future`, or null. */
export function waitRefusal(
  task: object & { _loop: object },
  future: AnyFuture,
): RuntimeError | null {
  if (task === future) return new RuntimeError(`Task cannot await on itself: ${task}`);
  if (task._loop === future._loop) return null;
  return new RuntimeError(`Task ${task} got Future ${future} attached to a different loop`);
}

/** A promise's `then`, of a future. */
export type Then<T> = <R1 = T, R2 = never>(
  onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
  onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
) => Future<R1 | R2>;

/** An await that is about to go on. */
export interface Resumption extends Runnable {
  suspended(): void;
  proceed(): void;
}

export class Awaiter<T, R1, R2> implements Resumption {
  readonly #future: Future<T>;
  readonly #onFulfilled: ((value: T) => R1 | PromiseLike<R1>) | null | undefined;
  readonly #onRejected: ((reason: unknown) => R2 | PromiseLike<R2>) | null | undefined;
  readonly #derived: Future<R1 | R2>;
  readonly #task: AwaitingTask | null;

  constructor(
    future: Future<T>,
    onFulfilled: ((value: T) => R1 | PromiseLike<R1>) | null | undefined,
    onRejected: ((reason: unknown) => R2 | PromiseLike<R2>) | null | undefined,
    derived: Future<R1 | R2>,
  ) {
    this.#future = future;
    this.#onFulfilled = onFulfilled;
    this.#onRejected = onRejected;
    this.#derived = derived;
    this.#task = runningTask() as AwaitingTask | null;
  }

  /** True when this await can only fail, which it then does. */
  refused(): boolean {
    if (this.#task === null || this.#future.done()) return false;
    const refusal = waitRefusal(this.#task, this.#future);
    if (refusal === null) return false;
    this.#reject(refusal);
    return true;
  }

  /** The await suspends: its task waits, and has its future cancelled at once if it was cancelled itself. */
  suspended(): void {
    this.#task?._beginWait(this.#future);
  }

  /**
   * Resumes an await that has suspended. A cancellation that the task has not seen yet wins, unless the
   * future itself was cancelled. The promise reactions that follow run before the next callback.
   */
  run(): void {
    this.#task?._endWait(this.#future);
    this.#settle(this.#task?._takeCancellation() ?? null);
  }

  /** @internal */
  _ranFor(): object {
    return this.#task ?? this;
  }

  toString(): string {
    return `<await of ${this.#future}>`;
  }

  /** Resumes an await that has not suspended: cancellation waits for the next one. */
  proceed(): void {
    this.#settle(null);
  }

  #settle(cancellation: CancelledError | null): void {
    const future = this.#future;
    future._loop._drainRequested = true;
    let value: T;
    try {
      value = future.result();
    } catch (error) {
      this.#reject(error instanceof CancelledError ? error : (cancellation ?? error));
      return;
    }
    if (cancellation === null) this.#fulfil(value);
    else this.#reject(cancellation);
  }

  #fulfil(value: T): void {
    const handler = this.#onFulfilled;
    if (typeof handler === 'function') this.#follow(handler, value);
    else if (!this.#derived.done()) this.#derived.setResult(value as unknown as R1);
  }

  #reject(reason: unknown): void {
    const handler = this.#onRejected;
    if (typeof handler === 'function') this.#follow(handler, reason);
    else if (this.#derived.done()) return;
    else if (reason instanceof CancelledError) this.#derived.cancel(reason.message);
    else this.#derived._fail(reason);
  }

  #follow<V>(handler: (value: V) => R1 | R2 | PromiseLike<R1 | R2>, value: V): void {
    const derived = this.#derived;
    try {
      const returned = handler(value);
      if (typeof (returned as PromiseLike<unknown> | null)?.then !== 'function') {
        if (!derived.done()) derived.setResult(returned as R1);
        return;
      }
      (returned as PromiseLike<R1 | R2>).then(
        (result) => derived.done() || derived.setResult(result),
        (error) => derived.done() || derived._fail(error),
      );
    } catch (error) {
      if (!derived.done()) derived._fail(error);
    }
  }
}
