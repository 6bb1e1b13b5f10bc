/**
 * What a thread and its observer say to each other.
 *
 * The observer is a worker thread beside the one it observes, so that it can see, and say, that this one is blocked.
 * Both sides are compiled together; nothing of this leaves the process.
 */

import type { BlockedStack } from './blocked_stack.js';
import type { Failed, ThreadSnapshot } from './snapshot.js';

/** What the observer is started with. */
export interface ObserverData {
  /** Of the thread that it observes. */
  threadId: number;
  isMainThread: boolean;
  /** Of the observed thread: its process.argv. */
  command: readonly string[];
  /** The lowest level that goes to standard error; see util/logger. */
  level: Int32Array;
  /** Whether stacks name the sources that the code was compiled from. */
  sourceMaps: boolean;
}

export type ToObserver =
  /** `entry` says since when the loop's callback is running; null `threshold`: only look when asked. */
  | { kind: 'watch'; loop: number; entry: BigInt64Array; threshold: number | null }
  | { kind: 'forget'; loop: number }
  /** It is not needed any more: it is to say what it is about to say, then `done`, and wait for `close`. */
  | { kind: 'end' }
  | { kind: 'close' }
  /** Answer others over the thread's socket; not any more. */
  | { kind: 'serve' }
  | { kind: 'silence' }
  | { kind: 'snapshot'; request: number; snapshot: ThreadSnapshot | Failed };

export type FromObserver =
  | { kind: 'stalled'; loop: number; stack: BlockedStack; written: boolean }
  | { kind: 'snapshot'; request: number }
  | { kind: 'done' }
  /** It cannot be inspected. */
  | { kind: 'refused'; reason: string };
