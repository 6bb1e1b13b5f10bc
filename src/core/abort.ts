/**
 * `{signal}`: how every function that waits is given up from outside.
 *
 * The future is cancelled when the signal aborts, at once when it has already; the listener goes when
 * the future is done.
 */

import { checkOptions, typeError } from '../util/check.js';
import type { AnyFuture } from './awaiter.js';

export interface AbortOptions {
  signal?: AbortSignal | undefined;
}

/**
 * Checks options with a signal, before anything begins that they are for.
 *
 * @throws TypeError
 */
export function checkAbortOptions(options: AbortOptions | undefined): void {
  checkOptions(options);
  const signal = options?.signal;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw typeError('signal', 'an AbortSignal', signal);
  }
}

/** Cancels `future` when `options.signal` aborts; returns the future. */
export function cancelOnAbort<F extends AnyFuture>(
  future: F,
  options: AbortOptions | undefined,
): F {
  const signal = options?.signal;
  if (signal === undefined) return future;
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
