/**
 * `{signal}`: how every function that waits is given up from outside.
 *
 * The future is cancelled when the signal aborts, at once when it has already; the listener goes when
 * the future is done.
 */

import { typeError } from '../util/check.js';
import type { AnyFuture } from './awaiter.js';

export interface AbortOptions {
  signal?: AbortSignal | undefined;
}

/** Cancels `future` when `options.signal` aborts; returns the future. */
export function cancelOnAbort<F extends AnyFuture>(
  future: F,
  options: AbortOptions | undefined,
): F {
  const signal = options?.signal;
  if (signal === undefined) return future;
  if (!(signal instanceof AbortSignal)) throw typeError('signal', 'an AbortSignal', signal);
  const abort = () => {
    const reason: unknown = signal.reason;
    future.cancel(reason instanceof Error ? reason.message : String(reason));
  };
  if (signal.aborted) {
    abort();
    return future;
  }
  signal.addEventListener('abort', abort, { once: true });
  future._addWaiting({ run: () => signal.removeEventListener('abort', abort) });
  return future;
}
