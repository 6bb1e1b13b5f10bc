/**
 * `loop.ref`: what names a loop in the other threads of the process.
 */

import { typeError } from '../util/check.js';

/** A plain value that passes through postMessage() and workerData; EventLoop.attach() takes it. */
export interface LoopRef {
  /** Which loop it is. */
  readonly uvioLoop: number;
  /** Its thread. */
  readonly threadId: number;
  /** Its process. */
  readonly pid: number;
}

/** @throws TypeError when it is none, or of another process */
export function checkRef(argument: string, ref: unknown): asserts ref is LoopRef {
  const { uvioLoop, threadId, pid } = (ref ?? {}) as Partial<LoopRef>;
  const isRef = [uvioLoop, threadId, pid].every((each) => Number.isSafeInteger(each));
  if (!isRef) throw typeError(argument, 'the `ref` of an event loop', ref);
  if (pid !== process.pid) throw typeError(argument, 'of a loop in this process', ref);
}
