/**
 * Running the promise reactions that are due, in the middle of a batch.
 *
 * Node does that itself between two timers, with the function that it has kept under this name on `process`. Going
 * back to the native side instead, which closes and reopens its callback scope, costs about 400 ns; this costs
 * 12. Where a host lacks it the native side does it: see Scheduler.
 */

const { _tickCallback } = process as { _tickCallback?: () => void };

/** Runs process.nextTick callbacks and promise reactions until none is left. */
export const drainMicrotasks: (() => void) | null =
  typeof _tickCallback === 'function' ? _tickCallback : null;
