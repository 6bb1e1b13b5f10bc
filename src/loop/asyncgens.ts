/**
 * Closing the async generators of a loop: the body of asyncio's loop.shutdown_asyncgens.
 *
 * Each is closed by a task of its own, so that its finally blocks may await; what they throw has no
 * caller and goes to the exception handler.
 */

import { takeAsyncgens } from '../core/asyncgens.js';
import { CancelledError } from '../core/exceptions.js';
import { gather } from '../sync/gathering.js';
import type { EventLoop } from './event_loop.js';

/** Closes all that are suspended; runs in a task of `loop`. */
export async function closeAsyncgens(loop: EventLoop): Promise<void> {
  const bodies = takeAsyncgens(loop);
  if (bodies.length === 0) return;
  const closing = bodies.map((body) => loop.createTask(() => body.close()));
  const results: unknown[] = await gather(closing, { returnExceptions: true });
  for (const [index, body] of bodies.entries()) {
    const exception = results[index];
    if (exception === undefined || exception instanceof CancelledError) continue;
    loop.callExceptionHandler({
      message: `an error occurred during closing of asynchronous generator ${body}`,
      exception,
      asyncgen: body.shown,
    });
  }
}
