/**
 * How the loop's functions that open something run: createServer, createConnection and their like.
 *
 * In asyncio they are coroutines of the awaiting task. Invariant: what was opened is given to whoever awaits it, or is
 * closed; a cancellation between the two loses nothing.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { Task } from '../core/tasks.js';
import { CallSite } from '../util/system_error.js';

/**
 * Runs a library function at once, which `options.signal` cancels. What it has opened when nobody wants it any more
 * is given to `discard`.
 */
export function start<T>(
  loop: Scheduler,
  entry: (...args: never[]) => unknown,
  open: () => Promise<T>,
  discard: (opened: T) => void,
  options: AbortOptions | undefined,
): Future<T> {
  checkAbortOptions(options);
  const site = new CallSite(entry);
  let opened: { value: T } | null = null;
  const body = async () => {
    try {
      opened = { value: await open() };
      return opened.value;
    } catch (error) {
      site.claim(error);
      throw error;
    }
  };
  const task = new Task(body, { loop, eagerStart: true });
  const received = function* (): OperationBody<T> {
    try {
      return yield* task;
    } catch (error) {
      if (opened !== null) discard(opened.value);
      throw error;
    }
  };
  return cancelOnAbort(new Operation(loop, received(), [task as Task]), options);
}

/** Closes a server that nobody will have. */
export function closeServer(server: { close(): void }): void {
  server.close();
}

/** Ends a connection that nobody will have. */
export function abortTransport([transport]: readonly [{ abort(): void }, unknown]): void {
  transport.abort();
}
