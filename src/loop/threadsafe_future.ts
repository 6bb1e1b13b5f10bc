/**
 * The result of a call in another thread's loop: a Future of the caller's loop that a worker may also wait for asleep.
 *
 * Answers to the concurrent.futures.Future that asyncio.run_coroutine_threadsafe returns. Invariant: it ends with the answer, or
 * when the other loop closes; cancelling it here cancels the task there.
 */

import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';

/** What a future asks of whoever made the call. */
export interface Requester {
  /** Blocks until `future` is done. */
  block(future: Future<unknown>, timeout: number): void;
  cancelled(call: number, message: unknown): void;
}

/**
 * The result of a call in another thread, which runCoroutineThreadsafe() returns: Python's concurrent.futures.Future there.
 * result() may block a worker for it.
 */
export class ThreadsafeFuture<T = unknown> extends Future<T> {
  readonly #requester: Requester;
  readonly #call: number;

  /** Made by runCoroutineThreadsafe(). @internal */
  constructor(loop: Scheduler, requester: Requester, call: number) {
    super({ loop });
    this.#requester = requester;
    this.#call = call;
  }

  /**
   * As Future.result(); with `timeout` it blocks this worker until the result is there: concurrent.futures' result(timeout).
   * Meanwhile nothing else runs in this thread. The call goes on when the time is over.
   *
   * @param timeout in milliseconds; Infinity for as long as it takes
   * @throws TimeoutError; RuntimeError in the main thread, and for a call that this very thread has to answer
   */
  override result(timeout?: number): T {
    this.#blockFor(timeout);
    return super.result();
  }

  /** As Future.exception(), or after waiting like result(timeout). */
  override exception(timeout?: number): unknown {
    this.#blockFor(timeout);
    return super.exception();
  }

  /** Cancels it, and the task in the other loop. */
  override cancel(message?: unknown): boolean {
    const isCancelled = super.cancel(message);
    if (isCancelled) this.#requester.cancelled(this.#call, message);
    return isCancelled;
  }

  #blockFor(timeout: number | undefined): void {
    if (timeout !== undefined && !this.done()) this.#requester.block(this, timeout);
  }
}
