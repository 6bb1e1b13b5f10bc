/**
 * The loop of another thread, as this one may use it: asyncio's call_soon_threadsafe and run_coroutine_threadsafe.
 *
 * Functions do not travel between threads, so a call names what the owner has exposed. Everything else that a loop can do
 * throws what asyncio's debug mode does in the wrong thread.
 */

import { inspect } from 'node:util';
import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { RuntimeError } from '../core/exceptions.js';
import { defaultLoop } from '../core/running.js';
import { typeError } from '../util/check.js';
import { checkRef, type LoopRef } from './loop_ref.js';
import type { Outgoing } from './outgoing.js';
import type { ThreadsafeFuture } from './threadsafe_future.js';
import { ThreadsafeLoop } from './threadsafe_loop.js';

/** A loop of another thread, which EventLoop.attach() returns: what may be asked of it from here. */
export class AttachedLoop {
  /** What attach() was given. */
  readonly ref: LoopRef;
  readonly #options: AbortOptions | undefined;

  /** Made by EventLoop.attach(). @internal */
  constructor(ref: LoopRef, options?: AbortOptions) {
    checkRef('ref', ref);
    checkAbortOptions(options);
    const { uvioLoop, threadId, pid } = ref;
    this.ref = Object.freeze({ uvioLoop, threadId, pid });
    this.#options = options;
    this.#outgoing();
  }

  /**
   * Calls the function that the loop has exposed as `name`, in its thread: asyncio's call_soon_threadsafe. Calls run in the
   * order in which this thread makes them. One that cannot be run (no such function, the loop closes before) is
   * reported to the exception handler of this thread's loop.
   *
   * @param args whatever postMessage() takes, also in transfer()
   * @throws RuntimeError when the loop is closed, TypeError, or a DataCloneError
   */
  callSoonThreadsafe(name: string, ...args: unknown[]): void {
    checkName(name);
    this.#outgoing().call(name, args);
  }

  /**
   * Runs the exposed function as a task of the loop: asyncio's run_coroutine_threadsafe. As callSoonThreadsafe().
   *
   * @returns a future of this thread's loop; it fails with RuntimeError when the other one closes before the answer
   */
  runCoroutineThreadsafe<T = unknown>(name: string, ...args: unknown[]): ThreadsafeFuture<T> {
    checkName(name);
    const outgoing = this.#outgoing();
    const isGivenUp = this.#options?.signal?.aborted === true;
    const future = isGivenUp ? outgoing.unasked<T>() : outgoing.request<T>(name, args);
    return cancelOnAbort(future, this.#options);
  }

  /** @internal */
  toString(): string {
    return `<AttachedLoop ${this.ref.uvioLoop} of thread ${this.ref.threadId}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  #outgoing(): Outgoing {
    // Whoever calls has the answer on the loop that runs there.
    return (defaultLoop() as ThreadsafeLoop)._mailbox.to(this.ref);
  }
}

/**
 * Runs what the loop of another thread has exposed as `name`: asyncio.run_coroutine_threadsafe.
 *
 * @param loop what EventLoop.attach() gave, a loop's `ref`, or a loop of this thread
 * @returns a future of this thread's loop; see AttachedLoop.runCoroutineThreadsafe()
 * @throws TypeError, RuntimeError when the loop is closed, or a DataCloneError
 */
export function runCoroutineThreadsafe<T = unknown>(
  loop: AttachedLoop | ThreadsafeLoop | LoopRef,
  name: string,
  ...args: unknown[]
): ThreadsafeFuture<T> {
  const ref = loop instanceof ThreadsafeLoop ? loop.ref : loop;
  const attached = ref instanceof AttachedLoop ? ref : new AttachedLoop(ref);
  return attached.runCoroutineThreadsafe<T>(name, ...args);
}

let areRefused = false;

/** Makes everything else that loops have, on an attached one, an error. */
export function refuseOthers(loopClass: typeof ThreadsafeLoop): void {
  if (areRefused) return;
  areRefused = true;
  const refuse = () => {
    throw new RuntimeError(
      'Non-thread-safe operation invoked on an event loop other than the current one',
    );
  };
  let prototype: object = loopClass.prototype;
  for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name.startsWith('_') || name in AttachedLoop.prototype) continue;
      const { value } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
      const property =
        typeof value === 'function' ? { value: refuse } : { get: refuse, set: refuse };
      Object.defineProperty(AttachedLoop.prototype, name, property);
    }
  }
}

function checkName(name: unknown): void {
  if (typeof name !== 'string') throw typeError('name', 'a string', name);
}
