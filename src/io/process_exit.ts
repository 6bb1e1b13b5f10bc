/**
 * What becomes of children when this process ends by process.exit(), by an uncaught error, or by a signal that it sends
 * itself.
 *
 * The native side is not told of that end, as it is of a worker's, and of a loop that is closed it hears a turn later;
 * so this does what it would do. A signal from outside, which nobody handles, is no end that anybody is told of.
 */

import type { ProcessWrap } from '../binding/process_contract.js';

const alive = new Set<ProcessWrap>();
let listening = false;

/** `wrap` has a child, or will have one. */
export function endWithProcess(wrap: ProcessWrap): void {
  if (!listening) {
    listening = true;
    process.on('exit', endChildren);
  }
  alive.add(wrap);
}

/** It has none any more. */
export function letGo(wrap: ProcessWrap): void {
  alive.delete(wrap);
}

/** Kills what this thread's loops have started, unless it is to be left running: the process is about to end. */
export function endChildren(): void {
  for (const wrap of alive) wrap.abandon();
}
