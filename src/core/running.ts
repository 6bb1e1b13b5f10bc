/**
 * Which loop is running in this thread, and which is the thread's default.
 *
 * Answers to asyncio's get_running_loop and get_event_loop. Each thread has its own copy of this
 * module, hence its own loops. The loop's class is above this floor, so it registers how one is made.
 */

import { runningTask } from './context.js';
import { RuntimeError } from './exceptions.js';
import type { Scheduler } from './scheduler.js';

let running: Scheduler | null = null;
let current: Scheduler | null = null;
let make: (() => Scheduler) | null = null;

/** @internal */
export function setRunningLoop(loop: Scheduler | null): void {
  running = loop;
}

/** @internal */
export function setLoopFactory(factory: () => Scheduler): void {
  make = factory;
}

/** The loop whose callback or task is running, or null. */
export function runningLoop(): Scheduler | null {
  return runningTask()?._loop ?? running;
}

/** The loop whose callback or task is running. */
export function requireRunningLoop(): Scheduler {
  const loop = runningLoop();
  if (loop === null) throw new RuntimeError('no running event loop');
  return loop;
}

/** The running loop, else the thread's own, made on first use and after it was closed. */
export function defaultLoop(): Scheduler {
  const loop = runningLoop();
  if (loop !== null) return loop;
  if (current === null || current.isClosed()) current = makeLoop();
  return current;
}

export function setDefaultLoop(loop: Scheduler | null): void {
  current = loop;
}

export function makeLoop(): Scheduler {
  if (make === null) throw new RuntimeError('no event loop implementation is loaded');
  return make();
}
