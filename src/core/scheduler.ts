/**
 * The order in which things run: the ready queue, the timers and the clock of one loop.
 *
 * Answers to the middle of asyncio's BaseEventLoop._run_once. A batch is what was ready when it began;
 * what becomes ready meanwhile runs in the next one. Timers that are due join the batch's end.
 * Invariant: while anything is ready, state[STATE_READY] is not 0 and a turn is coming.
 */

import { STATE_DEADLINE_PASSED, STATE_READY, STATE_SIZE } from '../binding/contract.js';
import { checkBoolean, checkFunction, checkNumber } from '../util/check.js';
import { Heap } from '../util/heap.js';
import { type Callback, Handle, type Runnable, TimerHandle } from './events.js';
import { ExceptionReporter } from './exception_handler.js';
import { RuntimeError } from './exceptions.js';
import { setRunningLoop } from './running.js';

/** What turns a scheduler gets, and from where: the native loop. */
export interface TurnSource {
  requestTurn(): void;
  setDeadline(milliseconds: number): number;
}

// Two clock reads of one moment differ by this much at most (performance.now against the kernel's).
const CLOCK_RESOLUTION = 0.001;
const CLOCK_READINGS = 5;
// Cancelled timers leave the heap when they reach their time; earlier when they are this many and
// more than half of it.
const CANCELLED_TIMERS_KEPT = 100;

export abstract class Scheduler extends ExceptionReporter {
  /** Shared with the native loop; see contract.ts. @internal */
  readonly _state = new Int32Array(STATE_SIZE);
  /** Set when a promise was resolved whose reactions must run before the next callback. @internal */
  _drainRequested = false;
  #ready: Runnable[] = [];
  #batch: Runnable[] = [];
  #position = 0;
  #entered = false;
  #closed = false;
  #debug = false;
  readonly #timers = new Heap<TimerHandle>(
    (left, right) =>
      left.when() < right.when() ||
      (left.when() === right.when() && left._sequence < right._sequence),
  );
  #timerSequence = 0;
  #timersCancelled = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #clockOffset = 0;

  protected abstract readonly _turns: TurnSource;

  /** Puts performance.now() on the native clock. */
  protected _setClock(nativeNow: () => number): void {
    // The tightest of a few readings: being preempted inside one would skew the clock for good.
    let tightest = Number.POSITIVE_INFINITY;
    for (let reading = 0; reading < CLOCK_READINGS; reading++) {
      const before = performance.now();
      const now = nativeNow();
      const after = performance.now();
      if (after - before >= tightest) continue;
      tightest = after - before;
      this.#clockOffset = now - (before + after) / 2;
    }
  }

  /** The loop's clock: monotonic milliseconds, the same in every thread of the process. */
  time(): number {
    return this.#clockOffset + performance.now();
  }

  /** Up to which time timers are due. @internal */
  protected _dueTime(): number {
    return this.time() + CLOCK_RESOLUTION;
  }

  /** Asks for a turn at `when`, in place of what was asked before; null for none. @internal */
  protected _wakeAt(when: number | null): void {
    // 0 disarms; a time already past is the smallest that arms.
    this._turns.setDeadline(when === null ? 0 : Math.max(when, 1e-6));
  }

  /**
   * Calls `callback(...args)` in the next batch: asyncio's call_soon.
   *
   * @throws TypeError, or RuntimeError when the loop is closed
   */
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle {
    this._checkClosed();
    checkFunction('callback', callback);
    const handle = new Handle(callback as Callback, args, this);
    this._enqueue(handle);
    return handle;
  }

  /**
   * Calls `callback(...args)` after `delay` milliseconds, fractions included: asyncio's call_later.
   *
   * @throws TypeError or RangeError, or RuntimeError when the loop is closed
   */
  callLater<A extends unknown[]>(
    delay: number,
    callback: (...args: A) => unknown,
    ...args: A
  ): TimerHandle {
    checkNumber('delay', delay);
    return this.callAt(this.time() + delay, callback, ...args);
  }

  /** Calls `callback(...args)` at `when`, in milliseconds of time(): asyncio's call_at. */
  callAt<A extends unknown[]>(
    when: number,
    callback: (...args: A) => unknown,
    ...args: A
  ): TimerHandle {
    this._checkClosed();
    checkNumber('when', when);
    checkFunction('callback', callback);
    const handle = new TimerHandle(when, this.#timerSequence++, callback as Callback, args, this);
    this.#timers.push(handle);
    handle._scheduled = true;
    if (when < this.#deadline && !this.#entered) this._requestRound();
    return handle;
  }

  isClosed(): boolean {
    return this.#closed;
  }

  getDebug(): boolean {
    return this.#debug;
  }

  /** Debug mode: every callback is timed by itself. */
  setDebug(enabled: boolean): void {
    checkBoolean('enabled', enabled);
    this.#debug = enabled;
  }

  /** @internal */
  _checkClosed(): void {
    if (this.#closed) throw new RuntimeError('Event loop is closed');
  }

  /** Adds to the next batch. @internal */
  _enqueue(runnable: Runnable): void {
    if (this.#closed) return;
    this.#ready.push(runnable);
    if (this._state[STATE_READY] === 0) this._requestRound();
  }

  /** Asks for a round of a turn, at whose end writes leave and the deadline is set. @internal */
  _requestRound(): void {
    this._state[STATE_READY] = 1;
    if (!this.#entered) this._turns.requestTurn();
  }

  /** A callback of this loop is about to run. @internal */
  _enter(): void {
    this.#entered = true;
    setRunningLoop(this);
  }

  /** The callback is over; microtasks that follow belong to tasks or to nobody. @internal */
  _exit(): void {
    setRunningLoop(null);
  }

  /** Whether a round is under way, at whose end _leave() comes. @internal */
  get _isEntered(): boolean {
    return this.#entered;
  }

  /** The round is over. @internal */
  _leave(): void {
    this.#armDeadline();
    this.#entered = false;
    this._exit();
  }

  /** Runs a batch, or goes on with it; see LoopCallbacks.runReady. @internal */
  _runReady(): boolean {
    this._enter();
    const unfinished = this.#runBatch();
    this._exit();
    return unfinished;
  }

  #runBatch(): boolean {
    if (this.#position === this.#batch.length) this.#beginBatch();
    const batch = this.#batch;
    while (this.#position < batch.length && !this.#closed) {
      const runnable = batch[this.#position] as Runnable;
      this.#position++;
      runnable.run();
      // Close to asyncio, where a task's step is over before the next callback: the promise
      // reactions of this one run first. In debug mode the native side times each by itself.
      if ((this._drainRequested || this.#debug) && this.#position < batch.length) {
        this._drainRequested = false;
        this._state[STATE_READY] = 1;
        return true;
      }
    }
    this._drainRequested = false;
    // An idle loop holds nothing of what has run.
    batch.length = 0;
    this.#position = 0;
    this._state[STATE_READY] = this.#ready.length === 0 ? 0 : 1;
    return false;
  }

  /** @internal */
  _timerCancelled(handle: TimerHandle): void {
    handle._scheduled = false;
    this.#timersCancelled++;
    if (
      this.#timersCancelled > CANCELLED_TIMERS_KEPT &&
      this.#timersCancelled * 2 > this.#timers.size
    ) {
      this.#timers.retain((timer) => timer !== handle && !timer.cancelled());
      this.#timersCancelled = 0;
    }
    // A deadline that nobody waits for must not keep the process alive.
    if (handle.when() <= this.#deadline && !this.#entered) this._requestRound();
  }

  /** Drops everything scheduled. @internal */
  protected _closeScheduler(): void {
    this.#closed = true;
    // No round of a closed loop comes to its end.
    if (this.#entered) setRunningLoop(null);
    this.#entered = false;
    this.#ready = [];
    this.#batch.length = 0;
    this.#position = 0;
    this.#timers.clear();
  }

  #beginBatch(): void {
    if (this._state[STATE_DEADLINE_PASSED] !== 0) {
      this._state[STATE_DEADLINE_PASSED] = 0;
      this.#deadline = Number.POSITIVE_INFINITY;
    }
    if (this.#timers.size > 0) this.#moveDueTimers();
    const empty = this.#batch;
    this.#batch = this.#ready;
    this.#ready = empty;
    this._state[STATE_READY] = 0;
  }

  #moveDueTimers(): void {
    const due = this._dueTime();
    for (let timer = this.#nextTimer(); timer !== undefined; timer = this.#nextTimer()) {
      if (timer.when() > due) break;
      this.#timers.pop();
      timer._scheduled = false;
      this.#ready.push(timer);
    }
  }

  #nextTimer(): TimerHandle | undefined {
    for (;;) {
      const timer = this.#timers.peek();
      if (timer === undefined || !timer.cancelled()) return timer;
      this.#timers.pop();
      this.#timersCancelled--;
    }
  }

  #armDeadline(): void {
    const when = this.#nextTimer()?.when() ?? Number.POSITIVE_INFINITY;
    if (when === this.#deadline) return;
    this.#deadline = when;
    // An infinite timer never fires but keeps the loop alive, so it gets the farthest deadline there is.
    this._wakeAt(this.#timers.size === 0 ? null : when);
  }
}
