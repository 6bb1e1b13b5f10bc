/**
 * Who watches the loops of this thread from outside: the watchdog and the live view, which are above this floor.
 *
 * The observer registers itself when uvio is loaded. Invariant: every open loop of the thread is in `openLoops`, so
 * that one who comes later finds them all.
 */

import { RuntimeError } from '../core/exceptions.js';
import type { EventLoop } from './event_loop.js';

export interface LoopObserver {
  /** Reports what runs longer than so many milliseconds, while it runs; null: nothing any more. */
  setWatchdog(loop: EventLoop, threshold: number | null): void;
  opened(loop: EventLoop): void;
  closed(loop: EventLoop): void;
}

let observer: LoopObserver | null = null;

/** The loops of this thread that are not closed, in the order in which they were made. */
export const openLoops = new Set<EventLoop>();

export function setObserver(registered: LoopObserver): void {
  observer = registered;
}

/** @throws RuntimeError when the package was loaded in parts */
export function requireObserver(): LoopObserver {
  if (observer === null) throw new RuntimeError('no watchdog is loaded');
  return observer;
}

export function loopOpened(loop: EventLoop): void {
  openLoops.add(loop);
  observer?.opened(loop);
}

export function loopClosed(loop: EventLoop): void {
  openLoops.delete(loop);
  observer?.closed(loop);
}
