/**
 * `{signal}`: how every function that waits is given up from outside.
 *
 * The future is cancelled when the signal aborts, at once when it has already. A signal has one listener of
 * ours, however many futures wait for it, since Node warns of more than ten; it goes when the last of them is done.
 */

import { checkOptions, typeError } from '../util/check.js';
import type { AnyFuture } from './awaiter.js';

/** What every function that waits takes. */
export interface AbortOptions {
  /** Cancels the wait when it aborts; its reason becomes the cause. */
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
  if (signal.aborted) cancelFor(signal, future);
  else if (!future.done()) watch(signal, future);
  return future;
}

function cancelFor(signal: AbortSignal, future: AnyFuture): void {
  const reason: unknown = signal.reason;
  future.cancel(reason instanceof Error ? reason.message : String(reason));
}

const watched = new WeakMap<AbortSignal, Set<AnyFuture>>();

function watch(signal: AbortSignal, future: AnyFuture): void {
  let futures = watched.get(signal);
  if (futures === undefined) {
    futures = new Set();
    watched.set(signal, futures);
  }
  const waiting = futures;
  if (waiting.size === 0) signal.addEventListener('abort', onAbort);
  waiting.add(future);
  future._addWaiting({
    run() {
      waiting.delete(future);
      if (waiting.size === 0) signal.removeEventListener('abort', onAbort);
    },
  });
}

function onAbort(this: AbortSignal): void {
  for (const future of watched.get(this) ?? []) cancelFor(this, future);
}
