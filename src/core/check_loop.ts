/**
 * The check of a `loop` option.
 */

import { typeError } from '../util/check.js';
import { Scheduler } from './scheduler.js';

/** @throws TypeError when `loop` is given and is no loop. @internal */
export function checkLoop(loop: unknown): void {
  if (loop !== undefined && !(loop instanceof Scheduler)) {
    throw typeError('loop', 'an EventLoop', loop);
  }
}
