/**
 * asyncio's functions about the current loop, for the one kind of loop there is.
 */

import { defaultLoop, makeLoop, requireRunningLoop, setDefaultLoop } from '../core/running.js';
import { typeError } from '../util/check.js';
import { EventLoop } from './event_loop.js';
import { watchLoop } from './unclosed.js';

/**
 * The loop whose callback or task is running: asyncio.get_running_loop.
 *
 * @throws RuntimeError outside of both
 */
export function getRunningLoop(): EventLoop {
  return requireRunningLoop() as EventLoop;
}

/** The running loop, else the thread's default one, which is made on first use: asyncio.get_event_loop. */
export function getEventLoop(): EventLoop {
  return defaultLoop() as EventLoop;
}

/** A new loop, which is not the thread's default one: asyncio.new_event_loop. */
export function newEventLoop(): EventLoop {
  const loop = makeLoop() as EventLoop;
  watchLoop(loop);
  return loop;
}

/**
 * Makes `loop` the thread's default one; null for none: asyncio.set_event_loop.
 *
 * @throws TypeError
 */
export function setEventLoop(loop: EventLoop | null): void {
  if (loop !== null && !(loop instanceof EventLoop)) {
    throw typeError('loop', 'an EventLoop or null', loop);
  }
  setDefaultLoop(loop);
}
