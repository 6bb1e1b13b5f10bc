/**
 * asyncio's Future: a result that arrives later, also awaitable as a promise is.
 *
 * Done callbacks and awaiters run in the order in which they were added, each through the loop's ready
 * queue. A future awaited by a task is known to that task, which is how cancellation finds it.
 * Invariant: the state leaves PENDING once; an error that nobody asked for is reported when the
 * future is collected.
 */

import { inspect } from 'node:util';
import { checkFunction, checkOptions, typeError } from '../util/check.js';
import { repr } from '../util/format.js';
import { type AnyFuture, Awaiter, type Resumption } from './awaiter.js';
import { DoneCallback, type DoneCallbackOptions } from './done_callback.js';
import type { Callback, Runnable } from './events.js';
import { type CancelledError, cancelledError, InvalidStateError } from './exceptions.js';
import { NeverRetrieved } from './never_retrieved.js';
import { defaultLoop } from './running.js';
import { Scheduler } from './scheduler.js';

type State = 'pending' | 'finished' | 'cancelled';

export interface FutureOptions {
  /** The loop it belongs to; by default the running one, else the thread's. */
  loop?: Scheduler;
}

/** @throws TypeError when `loop` is given and is no loop. @internal */
export function checkLoop(loop: unknown): void {
  if (loop !== undefined && !(loop instanceof Scheduler)) {
    throw typeError('loop', 'an EventLoop', loop);
  }
}

export class Future<T = unknown> implements PromiseLike<T> {
  /** @internal */ readonly _loop: Scheduler;
  /** What runs when it is done, in order. @internal */
  protected _waiting: Runnable[] | null = null;
  #state: State = 'pending';
  #result: T | undefined = undefined;
  #exception: unknown = undefined;
  #failed = false;
  #cancelMessage: unknown = undefined;
  #unretrieved: NeverRetrieved | null = null;

  constructor(options?: FutureOptions) {
    if (options !== undefined) {
      checkOptions(options);
      checkLoop(options.loop);
    }
    this._loop = options?.loop ?? (defaultLoop() as Scheduler);
  }

  getLoop(): Scheduler {
    return this._loop;
  }

  done(): boolean {
    return this.#state !== 'pending';
  }

  cancelled(): boolean {
    return this.#state === 'cancelled';
  }

  /** The result, or throws the exception; CancelledError or InvalidStateError as asyncio. */
  result(): T {
    if (this.#state === 'cancelled') throw this._makeCancelledError();
    if (this.#state === 'pending') throw new InvalidStateError('Result is not ready.');
    this._markRetrieved();
    if (this.#failed) throw this.#exception;
    return this.#result as T;
  }

  /** The exception, or null when there is a result. */
  exception(): unknown {
    if (this.#state === 'cancelled') throw this._makeCancelledError();
    if (this.#state === 'pending') throw new InvalidStateError('Exception is not set.');
    this._markRetrieved();
    return this.#failed ? this.#exception : null;
  }

  setResult(result: T): void {
    this.#checkPending();
    this.#result = result;
    this.#state = 'finished';
    this.#wakeAll();
  }

  /** @throws InvalidStateError, or TypeError for undefined and null, which say nothing */
  setException(exception: unknown): void {
    if (exception === undefined || exception === null) {
      throw typeError('exception', 'an error', exception);
    }
    this._fail(exception);
  }

  /** As setException, for whatever a callback threw. @internal */
  _fail(exception: unknown): void {
    this.#checkPending();
    this.#exception = exception;
    this.#failed = true;
    this.#state = 'finished';
    this.#unretrieved = new NeverRetrieved(this, this._loop, this._kind(), exception);
    this.#wakeAll();
  }

  /** Cancels it and schedules its callbacks; false when it was done already. */
  cancel(message?: unknown): boolean {
    this._markRetrieved();
    if (this.#state !== 'pending') return false;
    this.#state = 'cancelled';
    this.#cancelMessage = message;
    this.#wakeAll();
    return true;
  }

  /** Calls `callback(this)` through the loop when done; soon, when done already. */
  addDoneCallback(callback: (future: this) => unknown, options?: DoneCallbackOptions): void {
    checkFunction('callback', callback);
    this._addWaiting(new DoneCallback(this, callback as Callback, options));
  }

  /** Removes all additions of `callback`; returns how many there were. */
  removeDoneCallback(callback: (future: this) => unknown): number {
    checkFunction('callback', callback);
    const before = this._waiting;
    if (before === null) return 0;
    this._waiting = before.filter(
      (waiting) => !(waiting instanceof DoneCallback && waiting.callback === callback),
    );
    return before.length - this._waiting.length;
  }

  // biome-ignore lint/suspicious/noThenProperty: a Future is a thenable by design
  then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Future<R1 | R2> {
    const derived = new Derived<R1 | R2>(this);
    const awaiter = new Awaiter(this, onFulfilled, onRejected, derived);
    if (awaiter.refused()) return derived;
    if (this.#state === 'pending') this._addWaiting(awaiter);
    else this._resumeDone(awaiter);
    return derived;
  }

  catch<R = never>(onRejected?: ((reason: unknown) => R | PromiseLike<R>) | null): Future<T | R> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Future<T> {
    if (typeof onFinally !== 'function') return this.then();
    return this.then(
      async (value) => {
        await onFinally();
        return value;
      },
      async (reason) => {
        await onFinally();
        throw reason;
      },
    );
  }

  /** What `yield*` does with a future inside a generator that a task drives. */
  *[Symbol.iterator](): Generator<unknown, T, unknown> {
    if (!this.done()) yield this;
    return this.result();
  }

  get [Symbol.toStringTag](): string {
    return this._kind();
  }

  toString(): string {
    return `<${this._kind()} ${this._describe()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** Runs `runnable` through the loop when done. @internal */
  _addWaiting(runnable: Runnable): void {
    if (this.#state !== 'pending') this._loop._enqueue(runnable);
    else if (this._waiting === null) this._waiting = [runnable];
    else this._waiting.push(runnable);
  }

  /** @internal */
  _removeWaiting(runnable: Runnable): void {
    if (this._waiting !== null) {
      this._waiting = this._waiting.filter((waiting) => waiting !== runnable);
    }
  }

  /** What cancelling it cancels. @internal */
  get _root(): AnyFuture {
    return this;
  }

  /** Somebody has seen the exception. @internal */
  _markRetrieved(): void {
    if (this.#unretrieved !== null) {
      this.#unretrieved.retrieve();
      this.#unretrieved = null;
    }
  }

  /** Awaiting what is done goes on at once, as in asyncio, but never inside then(). */
  protected _resumeDone(awaiter: Resumption): void {
    queueMicrotask(() => awaiter.proceed());
  }

  protected _makeCancelledError(): CancelledError {
    return cancelledError(this.#cancelMessage);
  }

  protected _kind(): string {
    return 'Future';
  }

  protected _describe(): string {
    if (this.#state !== 'finished') return this.#state;
    return this.#failed
      ? `finished exception=${repr(this.#exception)}`
      : `finished result=${repr(this.#result)}`;
  }

  #checkPending(): void {
    if (this.#state !== 'pending') throw new InvalidStateError('invalid state');
  }

  #wakeAll(): void {
    const waiting = this._waiting;
    if (waiting === null) return;
    this._waiting = null;
    for (const runnable of waiting) this._loop._enqueue(runnable);
  }
}

/** What then() returns. Cancelling it cancels what it waits for, so that the handlers hear of it. */
class Derived<T> extends Future<T> {
  readonly #source: AnyFuture;

  constructor(source: AnyFuture) {
    super({ loop: source._loop });
    this.#source = source;
  }

  override get _root(): AnyFuture {
    return this.#source.done() ? this : this.#source._root;
  }

  override cancel(message?: unknown): boolean {
    const root = this._root;
    return root === this ? super.cancel(message) : root.cancel(message);
  }
}

/** Whether `value` is a Future or Task. */
export function isFuture(value: unknown): value is Future {
  return value instanceof Future;
}
