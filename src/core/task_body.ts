/**
 * What a task drives: a function, a coroutine or a generator.
 */

import { typeError } from '../util/check.js';
import { Coroutine, type CoroutineGenerator, isGenerator } from './coroutines.js';

/** What a task can drive. A function is called, with no arguments, at the task's first step. */
export type TaskBody<T> =
  | (() => T | PromiseLike<T> | CoroutineGenerator<T>)
  | Coroutine<T>
  | CoroutineGenerator<T>;

/** @throws TypeError when `body` is a promise, which has started already, or nothing to drive */
export function checkBody(body: unknown): void {
  if (typeof body === 'function' || body instanceof Coroutine || isGenerator(body)) return;
  throw typeError(
    'coro',
    'a function, a coroutine or a generator (a promise has started already: pass () => …)',
    body,
  );
}

/** A body as it is shown. */
export function bodyName(body: unknown): string {
  if (body instanceof Coroutine) return `${body.name}()`;
  if (typeof body === 'function') return `${body.name === '' ? '<anonymous>' : body.name}()`;
  return 'generator';
}
