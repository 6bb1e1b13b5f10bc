/**
 * Makes the observer known to the loops, which are below it.
 *
 * Invariant: until a loop is to be watched or inspected, the observer is not asked for anything, so that its part of the library
 * need not even be loaded.
 */

import type { EventLoop } from '../loop/event_loop.js';
import { setObserver } from '../loop/observation.js';
import { threadObserver } from './observer.js';

let isNeeded = false;

function needs(loop: EventLoop): boolean {
  isNeeded ||=
    loop._watchdog !== null || loop._debug?.inspect === true || process.env.UVIO_INSPECT === '1';
  return isNeeded;
}

setObserver({
  watch(loop) {
    if (needs(loop)) threadObserver().watch(loop);
  },
  changed(loop) {
    if (needs(loop)) threadObserver().changed(loop);
  },
  closed(loop) {
    if (isNeeded) threadObserver().closed(loop);
  },
});
