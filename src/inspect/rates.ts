/**
 * What happened between two snapshots of a process: the figures that `top` shows.
 */

import type { Thread } from './client.js';
import type { LoopSnapshot } from './snapshot.js';
import { isResponding } from './threads_text.js';

export interface LoopRates {
  /** The share of the time that was spent in callbacks, from 0 to 1; null when it is not known yet. */
  busy: number | null;
  callbacksPerSecond: number | null;
}

const UNKNOWN: LoopRates = { busy: null, callbacksPerSecond: null };
const MILLISECONDS_PER_SECOND = 1000;

/** For the loop of that thread and index; both snapshots must have it. */
export function ratesOf(
  before: readonly Thread[],
  threadId: number,
  index: number,
  now: LoopSnapshot,
): LoopRates {
  const thread = before.find((one) => one.threadId === threadId);
  const then = thread !== undefined && isResponding(thread) ? thread.loops[index] : undefined;
  if (then === undefined || then.metrics === null || now.metrics === null) return UNKNOWN;
  const time = now.time - then.time;
  const calls = now.metrics.callbacks.count - then.metrics.callbacks.count;
  const spent = now.metrics.callbacks.total - then.metrics.callbacks.total;
  // Another loop has taken its place, or its metrics were reset.
  if (time <= 0 || calls < 0 || spent < 0) return UNKNOWN;
  return {
    busy: Math.min(1, spent / time),
    callbacksPerSecond: (calls / time) * MILLISECONDS_PER_SECOND,
  };
}
