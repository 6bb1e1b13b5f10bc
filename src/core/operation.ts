/**
 * A call of one of the library's own functions that wait: Lock.acquire(), Queue.get(), waitFor() …
 *
 * In asyncio these are coroutines, which run inside the task that awaits them. Here they start at once and are
 * futures; their body is a generator that this class steps, without a task and without a batch in between: what
 * waits for the operation goes on in the very slot of the ready queue in which its body ended. So the order
 * is asyncio's, and a result cannot be lost between the body's end and the waiter: a cancellation comes either
 * early enough to be thrown into the body, or it finds the result delivered.
 */

import type { AnyFuture } from './awaiter.js';
import type { Runnable } from './events.js';
import { CancelledError, cancelledError, RuntimeError } from './exceptions.js';
import { InlineFuture } from './inline_future.js';
import type { Scheduler } from './scheduler.js';

/** What an operation can wait for: a future, or what can do without a future's callbacks and result. */
export interface Awaited {
  cancel(message?: unknown): boolean;
  cancelled(): boolean;
  _addWaiting(runnable: Runnable): void;
}

/** Waits with `yield*` for futures of its own loop; a bare `yield` gives way for one batch. */
export type OperationBody<T> = Generator<unknown, T, unknown>;

export class Operation<T> extends InlineFuture<T> implements Runnable {
  readonly #body: OperationBody<T>;
  readonly #awaits: Iterable<AnyFuture>;
  #waitsOn: Awaited | null = null;
  #cancellation: CancelledError | null = null;
  #cancelRequested = false;

  /**
   * Runs the body to its first wait.
   *
   * @param awaits what its end depends on, for the call graph
   */
  constructor(loop: Scheduler, body: OperationBody<T>, awaits: Iterable<AnyFuture> = []) {
    super({ loop });
    this.#body = body;
    this.#awaits = awaits;
    this.run();
  }

  /** Whether cancel() was called while it was pending. */
  get cancelRequested(): boolean {
    return this.#cancelRequested;
  }

  override _awaits(): Iterable<AnyFuture> {
    return this.done() ? [] : this.#awaits;
  }

  /** Throws CancelledError into the body where it waits; false when it has ended. */
  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    this.#cancelRequested = true;
    // What is done already has a slot in the ready queue, in which the body hears of it.
    if (this.#waitsOn?.cancel(message) !== true) this.#cancellation = cancelledError(message);
    return true;
  }

  /** Not for these: throws a RuntimeError, as a task's. The result is the body's. */
  override setResult(): never {
    throw new RuntimeError('setResult operation is not supported by a future of the library');
  }

  /** Not for these: throws a RuntimeError, as a task's. */
  override setException(): never {
    throw new RuntimeError('setException operation is not supported by a future of the library');
  }

  /** Goes on with the body. @internal */
  run(): void {
    // Of two cancellations the first counts, and the body hears of it from what it waits for.
    const heard = this.#waitsOn?.cancelled() === true;
    this.#waitsOn = null;
    const requested = this.#takeCancellation();
    const cancellation = heard ? null : requested;
    let step: IteratorResult<unknown, T>;
    try {
      step = cancellation === null ? this.#body.next() : this.#body.throw(cancellation);
    } catch (error) {
      if (error instanceof CancelledError) this.#cancelled(error);
      else this._fail(error);
      return;
    }
    if (step.done !== true) {
      this.#suspend(step.value as Awaited | undefined);
      return;
    }
    // Cancelled while the body ran, by something that it called.
    const late = this.#takeCancellation();
    if (late === null) super.setResult(step.value);
    else this.#cancelled(late);
  }

  #suspend(future: Awaited | undefined): void {
    if (future === undefined) {
      this._loop._enqueue(this);
      return;
    }
    this.#waitsOn = future;
    future._addWaiting(this);
    const cancellation = this.#cancellation;
    if (cancellation !== null && future.cancel(cancellation.message || undefined)) {
      this.#cancellation = null;
    }
  }

  #takeCancellation(): CancelledError | null {
    const cancellation = this.#cancellation;
    this.#cancellation = null;
    return cancellation;
  }

  #cancelled(error: CancelledError): void {
    super.cancel(error.message || undefined);
  }
}
