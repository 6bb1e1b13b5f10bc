/**
 * What a task waits on: one future almost always, several where it awaits a Promise.all or promises of its own.
 */

import type { AnyFuture } from './awaiter.js';
import { Foreign } from './foreign.js';

export type Waits = AnyFuture | Set<AnyFuture> | null;

export function addWait(waits: Waits, future: AnyFuture): Waits {
  if (waits === null || waits === future) return future;
  if (!(waits instanceof Set)) return new Set([waits, future]);
  return waits.add(future);
}

export function removeWait(waits: Waits, future: AnyFuture): Waits {
  if (waits === future) return null;
  if (waits instanceof Set) waits.delete(future);
  return waits;
}

export function allWaits(waits: Waits): Iterable<AnyFuture> {
  if (waits === null) return [];
  return waits instanceof Set ? waits : [waits];
}

/** Cancels what is waited on; false when nothing of it could be. */
export function cancelWaits(waits: Waits, message: unknown): boolean {
  if (waits === null) return false;
  if (!(waits instanceof Set)) return waits.cancel(message);
  const roots = new Set([...waits].map((one) => one._root));
  const ours = [...roots].filter((one) => !(one instanceof Foreign));
  // A promise may be the task's own work, which hears of it through what that waits on.
  return cancelEach(ours, message) || cancelEach(roots, message);
}

function cancelEach(futures: Iterable<AnyFuture>, message: unknown): boolean {
  let cancelled = false;
  for (const future of futures) cancelled = future.cancel(message) || cancelled;
  return cancelled;
}
