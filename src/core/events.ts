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
import {
  cancelledCall,
  createdAt,
  noteCancelled,
  noteCreation,
  sourceTraceback,
} from './creation.js';
import type { DebugSwitches } from './debug.js';
import type { StackFrame } from './stacks.js';
import type { Timed } from './timers.js';

/** Anything the ready queue can run. It must not throw. */
export interface Runnable {
  run(): void;
  /** On whose behalf it will run, where that is not itself: what debug mode names. */
  _ranFor?(): object;
}

/** asyncio's context for the exception handler, in camelCase. */
export interface ExceptionContext {
  /** What went wrong, in words. */
  message: string;
  /** The error, if there is one. */
  exception?: unknown;
  /** The future in question. */
  future?: unknown;
  /** The task in question. */
  task?: unknown;
  /** The callback that failed. */
  handle?: unknown;
  /** The protocol in question. */
  protocol?: unknown;
  /** The transport in question. */
  transport?: unknown;
  /** The socket in question. */
  socket?: unknown;
  /** Where the object that the error belongs to was made, in debug mode. */
  sourceTraceback?: StackFrame[];
  /** Where the callback under way was scheduled, in debug mode, when there is no sourceTraceback. */
  handleTraceback?: StackFrame[];
  [key: string]: unknown;
}

/** What a Handle needs of its loop. */
export interface HandleLoop {
  readonly _debug: DebugSwitches | null;
  callExceptionHandler(context: ExceptionContext): void;
  _timerCancelled(timer: Timed): void;
}

/** What a loop calls, with the arguments that were given with it; what it returns is ignored. */
// biome-ignore lint/suspicious/noExplicitAny: a callback takes whatever it was scheduled with
export type Callback = (...args: any[]) => unknown;

const NONE: readonly unknown[] = [];

/**
 * A scheduled callback, returned by callSoon: asyncio.Handle. It is itself the async context that it was made
 * in, since half a million of them may wait.
 */
export class Handle extends AsyncResource implements Runnable {
  /** @internal */ readonly _loop: HandleLoop;
  #callback: Callback | null;
  #args: readonly unknown[];

  /** Made by the loop's methods only. @internal */
  constructor(callback: Callback, args: readonly unknown[], loop: HandleLoop) {
    super('uvio.Handle');
    this._loop = loop;
    this.#callback = callback;
    this.#args = args.length === 0 ? NONE : args;
    if (loop._debug?.creationStacks === true) noteCreation(this);
  }

  /** Keeps the callback from running, if it has not yet. Its references are dropped at once. */
  cancel(): void {
    if (this._loop._debug?.creationStacks === true) noteCancelled(this, this.#describe(true));
    this.#callback = null;
    this.#args = NONE;
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.#callback === null;
  }

  /** @internal */
  run(): void {
    const callback = this.#callback;
    if (callback === null) return;
    enterCallback();
    try {
      this.runInAsyncScope(callback, undefined, ...this.#args);
    } catch (exception) {
      this._loop.callExceptionHandler({
        message: `Exception in callback ${callName(callback)}`,
        exception,
        handle: this,
        ...sourceTraceback(this),
      });
    } finally {
      leaveCallback();
    }
  }

  override toString(): string {
    return `<${[this.constructor.name, ...this._words()].join(' ')}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** The words of its repr behind its class. */
  protected _words(): string[] {
    const call = this.#describe(this._loop._debug?.creationStacks === true);
    const state = this.#callback === null ? ['cancelled'] : [];
    return [...state, ...(call === '' ? [] : [call]), ...createdAt(this)];
  }

  /** What debug mode counts it by. @internal */
  _callName(): string {
    return this.#describe(false);
  }

  /** The call, with or without its arguments; in debug mode also when it was cancelled. */
  #describe(withArguments: boolean): string {
    if (this.#callback === null) return cancelledCall(this);
    return callName(this.#callback, withArguments ? this.#args : NONE);
  }
}

/**
 * Runs a callback of whose schedule nobody keeps a Handle, as Handle.run() does, in the context that there is.
 *
 * @returns what it returns; undefined when it throws
 */
export function runCallback(
  loop: HandleLoop,
  callback: Callback,
  args: readonly unknown[],
): unknown {
  enterCallback();
  try {
    return callback(...args);
  } catch (exception) {
    const handle = new Handle(callback, args, loop);
    const message = `Exception in callback ${callName(callback)}`;
    loop.callExceptionHandler({ message, exception, handle });
    return undefined;
  } finally {
    leaveCallback();
  }
}

/** A callback scheduled for a time, returned by callLater and callAt: asyncio.TimerHandle. */
export class TimerHandle extends Handle implements Timed {
  /** @internal */ readonly _when: number;
  /** @internal */ _sequence = 0;
  /** @internal */ _scheduled = false;

  /** @internal */
  constructor(when: number, callback: Callback, args: readonly unknown[], loop: HandleLoop) {
    super(callback, args, loop);
    this._when = when;
  }

  /** The time it is due, in milliseconds of loop.time(). */
  when(): number {
    return this._when;
  }

  protected override _words(): string[] {
    const words = super._words();
    words.splice(this.cancelled() ? 1 : 0, 0, `when=${this._when}`);
    return words;
  }

  override cancel(): void {
    if (this._scheduled) this._loop._timerCancelled(this);
    super.cancel();
  }
}
