/**
 * The body of a block: what `async with` has indented in Python, a callback here.
 *
 * The block is left only when its body has ended. A cancellation that reaches the waiting task instead of an async
 * body, because that waits for a foreign promise, therefore waits too: what the body does next, it does inside.
 */

import { Coroutine, type CoroutineGenerator, isGenerator } from './coroutines.js';
import { isFuture } from './futures.js';

/** What the body returned, followed to its end: a generator, a coroutine, a future, a promise or a value. */
export function* followBody<T>(returned: unknown): CoroutineGenerator<T> {
  const started = returned instanceof Coroutine ? returned._start() : returned;
  if (isGenerator(started) || isFuture(started)) return (yield* started) as T;
  const isPromise = typeof (started as PromiseLike<T> | null | undefined)?.then === 'function';
  return isPromise ? yield* outlast(started as PromiseLike<T>) : (started as T);
}

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
