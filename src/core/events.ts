/**
 * What waits in the ready queue: asyncio's Handle and TimerHandle.
 *
 * A Handle remembers the async context in which it was made and runs there, once, unless it was
 * cancelled. run() never throws: what the callback throws goes to the loop's exception handler.
 */

import { AsyncResource } from 'node:async_hooks';
import { inspect } from 'node:util';
import { callName } from '../util/format.js';
import { enterCallback, leaveCallback } from './context.js';

/** Anything the ready queue can run. It must not throw. */
export interface Runnable {
  run(): void;
}

/** asyncio's context for the exception handler, in camelCase. */
export interface ExceptionContext {
  message: string;
  exception?: unknown;
  future?: unknown;
  task?: unknown;
  handle?: unknown;
  protocol?: unknown;
  transport?: unknown;
  socket?: unknown;
  [key: string]: unknown;
}

/** What a Handle needs of its loop. */
export interface HandleLoop {
  callExceptionHandler(context: ExceptionContext): void;
  _timerCancelled(handle: TimerHandle): void;
}

// biome-ignore lint/suspicious/noExplicitAny: a callback takes whatever it was scheduled with
export type Callback = (...args: any[]) => unknown;

/** A scheduled callback, returned by callSoon: asyncio.Handle. */
export class Handle implements Runnable {
  /** @internal */ readonly _loop: HandleLoop;
  #callback: Callback | null;
  #args: readonly unknown[];
  readonly #context: AsyncResource;

  /** Made by the loop's methods only. */
  constructor(
    callback: Callback,
    args: readonly unknown[],
    loop: HandleLoop,
    context = new AsyncResource('uvio.Handle'),
  ) {
    this._loop = loop;
    this.#callback = callback;
    this.#args = args;
    this.#context = context;
  }

  /** Keeps the callback from running, if it has not yet. Its references are dropped at once. */
  cancel(): void {
    this.#callback = null;
    this.#args = [];
  }

  cancelled(): boolean {
    return this.#callback === null;
  }

  /** @internal */
  run(): void {
    const callback = this.#callback;
    if (callback === null) return;
    enterCallback();
    try {
      this.#context.runInAsyncScope(callback, undefined, ...this.#args);
    } catch (exception) {
      this._loop.callExceptionHandler({
        message: `Exception in callback ${callName(callback)}`,
        exception,
        handle: this,
      });
    } finally {
      leaveCallback();
    }
  }

  toString(): string {
    return `<${this.constructor.name}${this.#describe()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #describe(): string {
    return this.#callback === null ? ' cancelled' : ` ${callName(this.#callback)}`;
  }
}

/** A callback scheduled for a time, returned by callLater and callAt: asyncio.TimerHandle. */
export class TimerHandle extends Handle {
  readonly #when: number;
  /** Order among equal times. @internal */
  readonly _sequence: number;
  /** Whether the loop's heap holds it. @internal */
  _scheduled = false;

  constructor(
    when: number,
    sequence: number,
    callback: Callback,
    args: readonly unknown[],
    loop: HandleLoop,
  ) {
    super(callback, args, loop);
    this.#when = when;
    this._sequence = sequence;
  }

  /** The time it is due, in milliseconds of loop.time(). */
  when(): number {
    return this.#when;
  }

  override cancel(): void {
    if (!this.cancelled() && this._scheduled) this._loop._timerCancelled(this);
    super.cancel();
  }
}
