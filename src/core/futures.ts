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
import { type AnyFuture, Awaiter, type Resumption, type Then } from './awaiter.js';
import { checkLoop } from './check_loop.js';
import { madeWhereAsked, noteCreation } from './creation.js';
import { DoneCallback, type DoneCallbackOptions } from './done_callback.js';
import type { Callback, Runnable } from './events.js';
import { cancelledError, InvalidStateError } from './exceptions.js';
import { FutureIterator } from './future_iterator.js';
import { futureWords } from './future_repr.js';
import { NeverRetrieved } from './never_retrieved.js';
import { defaultLoop } from './running.js';
import type { Scheduler } from './scheduler.js';
import { noteAwait } from './stacks.js';

const PENDING = 0;
const FINISHED = 1;
const FAILED = 2;
const CANCELLED = 3;

// A reaction to this costs half of what queueMicrotask() does.
const SOON = Promise.resolve();

/** What `new Future()` takes. */
export interface FutureOptions {
  /** The loop it belongs to; by default the running one, else the thread's. */
  loop?: Scheduler;
}

/** A result that is not there yet: asyncio.Future, and a thenable. */
export class Future<T = unknown> implements PromiseLike<T> {
  /** @internal */ declare readonly _loop: Scheduler;
  // Plain fields that the constructor sets: with as many subclasses as it has, private names and initialisers
  // cost a third of a lock's hand-over.
  declare private _state: typeof PENDING | typeof FINISHED | typeof FAILED | typeof CANCELLED;
  /** The result, the exception or the cancellation's message. */
  declare private _value: unknown;
  /** What runs when it is done, in order; mostly one, without an array. */
  declare protected _waiting: Runnable | Runnable[] | null;
  declare private _unretrieved: NeverRetrieved | null;

  /**
   * Pending, on `loop`, or the running (else the thread's) loop.
   *
   * @throws TypeError
   */
  constructor(options?: FutureOptions) {
    checkOptions(options);
    checkLoop(options?.loop);
    this._loop = options?.loop ?? defaultLoop();
    this._state = PENDING;
    this._value = undefined;
    this._waiting = null;
    this._unretrieved = null;
    if (this._loop._debug?.creationStacks === true) noteCreation(this);
  }

  /** The loop it belongs to. */
  getLoop(): Scheduler {
    return this._loop;
  }

  /** Whether it has a result, an error, or was cancelled. */
  done(): boolean {
    return this._state !== PENDING;
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this._state === CANCELLED;
  }

  /** The result, or throws the exception; CancelledError or InvalidStateError as asyncio. */
  result(): T {
    if (this._state === FINISHED) return this._value as T;
    if (this._state === PENDING) throw new InvalidStateError('Result is not ready.');
    throw this._storedError();
  }

  /** The exception, or null when there is a result; throws CancelledError or InvalidStateError as result(). */
  exception(): unknown {
    if (this._state === FINISHED) return null;
    if (this._state === PENDING) throw new InvalidStateError('Exception is not set.');
    const error = this._storedError();
    if (this._state === CANCELLED) throw error;
    return error;
  }

  /** Finishes it; throws InvalidStateError when it is done. */
  setResult(result: T): void {
    this._checkPending();
    this._value = result;
    this._state = FINISHED;
    this._wakeAll();
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
    this._checkPending();
    this._value = exception;
    this._state = FAILED;
    this._unretrieved = new NeverRetrieved(this, this._loop, this._kind(), exception);
    this._wakeAll();
  }

  /** Cancels it and schedules its callbacks; false when it was done already. */
  cancel(message?: unknown): boolean {
    this._markRetrieved();
    if (this._state !== PENDING) return false;
    this._state = CANCELLED;
    this._value = message;
    this._wakeAll();
    return true;
  }

  /** Calls `callback(this)` through the loop when done; soon, when done already. */
  addDoneCallback(callback: (future: this) => unknown, options?: DoneCallbackOptions): void {
    checkFunction('callback', callback);
    this._addWaiting(DoneCallback.make(this, callback as Callback, options));
  }

  /** Removes all additions of `callback`; returns how many there were. */
  removeDoneCallback(callback: (future: this) => unknown): number {
    checkFunction('callback', callback);
    return this._retain(
      (waiting) => !(waiting instanceof DoneCallback && waiting.callback === callback),
    );
  }

  /**
   * Awaiting it, and `then` as of any promise; the handlers run through the loop. A getter, because `await` asks for
   * `then` on the stack of the function that waits, but calls it later.
   */
  // biome-ignore lint/suspicious/noThenProperty: a Future is a thenable by design
  get then(): Then<T> {
    return this._loop.getDebug() ? madeWhereAsked<Then<T>>(then) : then;
  }

  /** As Promise's; gives a future. */
  catch<R = never>(onRejected?: ((reason: unknown) => R | PromiseLike<R>) | null): Future<T | R> {
    return this.then(undefined, onRejected);
  }

  /** As Promise's; gives a future. */
  finally(onFinally?: (() => void) | null): Future<T> {
    if (typeof onFinally !== 'function') return this.then();
    const after = async () => void (await onFinally());
    return this.then(
      (value) => after().then(() => value),
      (reason) => after().then(() => Promise.reject(reason)),
    );
  }

  /** What `yield*` does with a future inside a generator that a task drives. */
  [Symbol.iterator](): Generator<unknown, T, unknown> {
    if (this._loop.getDebug()) noteAwait();
    return new FutureIterator(this) as unknown as Generator<unknown, T, unknown>;
  }

  /** @internal */
  get [Symbol.toStringTag](): string {
    return this._kind();
  }

  toString(): string {
    return `<${this._kind()} ${this._describe().join(' ')}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** Runs `runnable` through the loop when done. @internal */
  _addWaiting(runnable: Runnable): void {
    if (this._state !== PENDING) this._loop._enqueue(runnable);
    else if (this._waiting === null) this._waiting = runnable;
    else if (Array.isArray(this._waiting)) this._waiting.push(runnable);
    else this._waiting = [this._waiting, runnable];
  }

  /** @internal */
  _removeWaiting(runnable: Runnable): void {
    this._retain((waiting) => waiting !== runnable);
  }

  /** The exception, without having retrieved it. @internal */
  _peekException(): unknown {
    return this._state === FAILED ? this._value : null;
  }

  /** What this future itself waits for: the call graph's links. @internal */
  _awaits(): Iterable<AnyFuture> {
    return [];
  }

  /** What cancelling it cancels. @internal */
  get _root(): AnyFuture {
    return this;
  }

  /** Somebody has seen the exception. @internal */
  _markRetrieved(): void {
    if (this._unretrieved !== null) {
      this._unretrieved.retrieve();
      this._unretrieved = null;
    }
  }

  /** Awaiting what is done goes on at once, as in asyncio, but never inside then(). @internal */
  _resumeDone(awaiter: Resumption): void {
    SOON.then(() => awaiter.proceed());
  }

  protected _kind(): string {
    return 'Future';
  }

  /** The words of its repr: the state comes first. */
  protected _describe(): string[] {
    return futureWords(this, this._state === FAILED, this._value, this._waiting);
  }

  /** Runs one of those that have waited: through the loop. */
  protected _wake(runnable: Runnable): void {
    this._loop._enqueue(runnable);
  }

  private _storedError(): unknown {
    if (this._state === CANCELLED) return cancelledError(this._value);
    this._markRetrieved();
    return this._value;
  }

  private _checkPending(): void {
    if (this._state !== PENDING) throw new InvalidStateError('invalid state');
  }

  private _wakeAll(): void {
    const waiting = this._waiting;
    if (waiting === null) return;
    this._waiting = null;
    if (Array.isArray(waiting)) for (const runnable of waiting) this._wake(runnable);
    else this._wake(waiting);
  }

  /** Drops what `keep` refuses; returns how many that were. */
  private _retain(keep: (waiting: Runnable) => boolean): number {
    if (this._waiting === null) return 0;
    const before = Array.isArray(this._waiting) ? this._waiting : [this._waiting];
    const after = before.filter(keep);
    this._waiting = after.length === 0 ? null : after;
    return before.length - after.length;
  }
}

function then<T, R1 = T, R2 = never>(
  this: Future<T>,
  onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
  onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
): Future<R1 | R2> {
  const derived = new Derived<R1 | R2>(this);
  const awaiter = new Awaiter(this, onFulfilled, onRejected, derived);
  if (awaiter.refused()) return derived;
  if (this.done()) {
    this._resumeDone(awaiter);
  } else {
    this._addWaiting(awaiter);
    awaiter.suspended();
  }
  return derived;
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

/** Whether `value` is a Future or Task: asyncio.isfuture. */
export function isFuture(value: unknown): value is Future {
  return value instanceof Future;
}
