/**
 * The stalls of one loop: puts together what the observer saw while they lasted and how long they took in the end.
 *
 * The two halves come from different threads, in either order. Invariant: each reported stall is logged once when it is
 * over, by the loop's own thread, through whatever logger is set.
 */

import * as workerThreads from 'node:worker_threads';
import { type SlowCallback, Slowest } from '../core/slowest.js';
import { isStandardLogger, log } from '../util/logger.js';
import type { FromObserver } from './messages.js';
import { nameOfStall, stackLines, tookSeconds } from './stall_text.js';

type Stalled = Extract<FromObserver, { kind: 'stalled' }>;

function thisThread(): string {
  const { isMainThread, threadId } = workerThreads;
  return isMainThread ? 'the main thread' : `worker thread ${threadId}`;
}

export class Stalls {
  #report: Stalled | null = null;
  #total = 0;
  readonly #slowest = new Slowest();

  /** Whether a total waits for the report. */
  get due(): boolean {
    return this.#total > 0;
  }

  /** The longest first. */
  known(): SlowCallback[] {
    return this.#slowest.list();
  }

  /** The observer has seen a stall, which may be over by now. */
  reported(report: Stalled): void {
    this.#report = report;
    if (this.#total > 0) this.#log();
  }

  /** It is over. */
  ended(milliseconds: number): void {
    this.#total += milliseconds;
    if (this.#report !== null) this.#log();
  }

  #log(): void {
    const { stack, written } = this.#report as Stalled;
    const total = this.#total;
    this.#report = null;
    this.#total = 0;
    // A debugger has stopped the thread: nothing of the program's took that long.
    if (stack.inDebugger === true) return;
    this.#slowest.note(nameOfStall(stack, thisThread()), total);
    const known = written && isStandardLogger();
    log('warn', `${tookSeconds(stack, thisThread(), total)}${known ? '' : stackLines(stack)}`);
  }
}
