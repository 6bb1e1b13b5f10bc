/**
 * What a task drives: a function, a coroutine or a generator.
 */

import { typeError } from '../util/check.js';
import { bodyName } from './body_name.js';
import { Coroutine, type CoroutineGenerator, isGenerator } from './coroutines.js';
import { framesOf } from './stacks.js';

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

/** The body of `task` as its repr shows it: in debug mode with where it stands. */
export function bodyWords(
  task: { done(): boolean; _loop: { getDebug(): boolean } },
  body: unknown,
  suspendedAt: Error | null | undefined,
): string {
  const name = bodyName(body);
  if (!task._loop.getDebug()) return name;
  if (task.done()) return `${name} done`;
  // The outermost frame of those that wait for each other is the body's own.
  const frame = framesOf(suspendedAt).at(-1);
  return frame === undefined ? name : `${name} running at ${frame.fileName}:${frame.lineNumber}`;
}
