/**
 * What becomes of children when this process ends by process.exit(), or by an uncaught error.
 *
 * The native side is not told of that end, as it is of a worker's or of a loop that is closed; so a listener does
 * here what it would do.
 */

import type { ProcessWrap } from '../binding/process_contract.js';

const alive = new Set<ProcessWrap>();
let listening = false;

/** `wrap` has a child, or will have one. */
export function endWithProcess(wrap: ProcessWrap): void {
  if (!listening) {
    listening = true;
    process.on('exit', () => {
      for (const wrap of alive) wrap.abandon();
    });
  }
  alive.add(wrap);
}

/** It has none any more. */
export function letGo(wrap: ProcessWrap): void {
  alive.delete(wrap);
}
