/**
 * Who watches the loops of this thread from outside: the watchdog and the live view, which are above this floor.
 *
 * The observer registers itself when uvio is loaded. Invariant: every open loop of the thread is in `openLoops`, so
 * that one who comes later finds them all.
 */

import { RuntimeError } from '../core/exceptions.js';
import type { EventLoop } from './event_loop.js';

export interface LoopObserver {
  /**
   * The loop has another threshold in `_watchdog`.
   *
   * @throws Error when there is no thread to be had
   */
  watch(loop: EventLoop): void;
  /** The loop is new, or has other switches in `_debug`; what cannot be had for that is logged. */
  changed(loop: EventLoop): void;
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
  observer?.changed(loop);
}

/** Its debug mode has changed; a loop that is not open yet, or not any more, is of no interest. */
export function loopChanged(loop: EventLoop): void {
  if (openLoops.has(loop)) observer?.changed(loop);
}

export function loopClosed(loop: EventLoop): void {
  openLoops.delete(loop);
  observer?.closed(loop);
}
