/**
 * What can be acquired and released: Lock, Semaphore and Condition.
 *
 * asyncio's `async with lock:` is `using _ = await lock.acquire()`, or `lock.run(body)` for those without
 * `using`. A guard releases once, however often it is disposed of.
 */

import { type AbortOptions, checkAbortOptions } from '../core/abort.js';
import { followBody } from '../core/block.js';
import { Coroutine, type CoroutineGenerator, isCoroutine } from '../core/coroutines.js';
import type { Future } from '../core/futures.js';
import type { TaskBody } from '../core/task_body.js';
import { typeError } from '../util/check.js';
import { LoopBound } from './loop_bound.js';

/** What acquire() gives: disposing of it releases. */
export class Guard implements Disposable {
  #owner: Acquirable | null;

  /** Made by acquire() only. @internal */
  constructor(owner: Acquirable) {
    this.#owner = owner;
  }

  /** Releases, the first time it is called. */
  [Symbol.dispose](): void {
    const owner = this.#owner;
    this.#owner = null;
    owner?.release();
  }
}

export abstract class Acquirable extends LoopBound {
  /** Whether acquire() would have to wait. */
  abstract locked(): boolean;

  /** Waits until it is free, and takes it. */
  abstract acquire(options?: AbortOptions): Future<Guard>;

  abstract release(): void;

  /**
   * Acquires, runs `body`, and releases however that ends: the counterpart of `async with`.
   *
   * The body runs in the task that awaits what run() returns, and is not started before that. While an async
   * body waits for a foreign promise it cannot be cancelled, and the lock is held.
   *
   * @param body a function (async, generator or plain), a coroutine or a generator
   * @param options `signal` gives up the waiting; the body is left alone
   * @returns a coroutine of the body's result, for `await`, `yield*`, createTask or gather
   * @throws TypeError
   */
  run<T>(body: TaskBody<T>, options?: AbortOptions): Coroutine<T> {
    if (typeof body !== 'function' && !isCoroutine(body)) {
      throw typeError('body', 'a function, a coroutine or a generator', body);
    }
    checkAbortOptions(options);
    return new Coroutine<T>(this.#run, this, [body, options]);
  }

  *#run<T>(body: TaskBody<T>, options: AbortOptions | undefined): CoroutineGenerator<T> {
    const guard = yield* this.acquire(options);
    try {
      return yield* followBody<T>(typeof body === 'function' ? body() : body);
    } finally {
      guard[Symbol.dispose]();
    }
  }
}
