/**
 * What can be acquired and released: Lock, Semaphore and Condition.
 *
 * asyncio's `async with lock:` is `using _ = await lock.acquire()`, or `lock.run(body)` for those without
 * `using`. A guard releases once, however often it is disposed of.
 */

import type { AbortOptions } from '../core/abort.js';
import {
  Coroutine,
  type CoroutineGenerator,
  isCoroutine,
  isGenerator,
} from '../core/coroutines.js';
import { type Future, isFuture } from '../core/futures.js';
import type { TaskBody } from '../core/tasks.js';
import { typeError } from '../util/check.js';
import { checkAbortOptions } from './calling.js';
import { LoopBound } from './loop_bound.js';

/** What acquire() gives: disposing of it releases. */
export class Guard implements Disposable {
  #owner: Acquirable | null;

  /** Made by acquire() only. */
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
    return new Coroutine<T>(`${this.constructor.name}.run`, () => this.#run(body, options));
  }

  *#run<T>(body: TaskBody<T>, options: AbortOptions | undefined): CoroutineGenerator<T> {
    const guard = yield* this.acquire(options);
    try {
      let started: unknown = typeof body === 'function' ? body() : body;
      if (started instanceof Coroutine) started = started._start();
      if (isGenerator(started) || isFuture(started)) return (yield* started) as T;
      const isPromise = typeof (started as PromiseLike<T> | undefined)?.then === 'function';
      return isPromise ? yield* outlast(started as PromiseLike<T>) : (started as T);
    } finally {
      guard[Symbol.dispose]();
    }
  }
}

/**
 * Waits for an async body to its end. A cancellation that reaches the waiting task instead of the body, because
 * the body waits for a foreign promise, has to wait too: what the body does next, it does with the lock.
 */
function* outlast<T>(body: PromiseLike<T>): CoroutineGenerator<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  body.then(over, over);
  let cancellation: unknown = null;
  for (;;) {
    let result: T;
    try {
      result = (yield body) as T;
    } catch (error) {
      if (isOver) throw error;
      cancellation = error;
      continue;
    }
    if (cancellation !== null) throw cancellation;
    return result;
  }
}
