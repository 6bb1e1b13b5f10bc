/**
 * toThread(): asyncio.to_thread, one call in a thread of the loop's default executor.
 */

import type { Future } from '../core/futures.js';
import { getEventLoop } from '../loop/current.js';
import type { Work } from '../loop/executor_call.js';

/**
 * Runs `fn(...args)` in another thread: asyncio.to_thread. The thread sees no context of this one, neither variables nor
 * AsyncLocalStorage: `fn` gets along with its arguments and globals, or is a module's URL with the name of an export
 * behind `#`.
 *
 * @returns a future of the result; cancelling it stops the work
 * @throws TypeError, QueueFull or RuntimeError
 */
export function toThread<A extends unknown[], R>(fn: Work<A, R>, ...args: A): Future<Awaited<R>> {
  return getEventLoop()._runInExecutor(toThread, null, fn, args);
}
