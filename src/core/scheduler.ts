/**
 * The order in which things run: the ready queue, the timers and the clock of one loop.
 *
 * Answers to the middle of asyncio's BaseEventLoop._run_once. A batch is what was ready when it began;
 * what becomes ready meanwhile runs in the next one. Timers that are due join the batch's end.
 * Invariant: while anything is ready, state[STATE_READY] is not 0 and a turn is coming.
 */

import {
  READY_DONE,
  READY_GOES_ON,
  READY_NEEDS_MICROTASKS,
  STATE_BATCH_LIMIT,
  STATE_DEADLINE_PASSED,
  STATE_READY,
} from '../binding/contract.js';
import { checkFunction, checkNumber } from '../util/check.js';
import { clockOffset } from './clock.js';
import { Diagnostics } from './diagnostics.js';
import { type Callback, Handle, type Runnable, TimerHandle } from './events.js';
import { RuntimeError } from './exceptions.js';
import { drainMicrotasks } from './microtasks.js';
import { setRunningLoop } from './running.js';
import type { TaskFactory } from './task_factory.js';
import { TaskList } from './task_list.js';
import { type Timed, TimerQueue } from './timers.js';

/** What turns a scheduler gets, and from where: the native loop. */
export interface TurnSource {
  requestTurn(): void;
  setDeadline(milliseconds: number): number;
}

// Two clock reads of one moment differ by this much at most (performance.now against the kernel's).
const CLOCK_RESOLUTION = 0.001;
// The native side lets many batches run between two polls when they were brief before; it takes a clock to see
// that they are not any more, and that costs as much as a small batch.
const BATCHES_PER_LOOK = 8;
const LONGEST_WITHOUT_POLL = 0.05; // ms
// A queue that was longer than this once gives its memory back.
const SLOTS_KEPT = 4096;

/** What an EventLoop is to futures, tasks and locks: where the option `loop` is of this type, give an EventLoop. */
export abstract class Scheduler extends Diagnostics {
  /** Set when a promise was resolved whose reactions must run before the next callback. @internal */
  _drainRequested = false;
  /** @internal */ readonly _tasks = new TaskList();
  /** @internal */ _taskFactory: TaskFactory | null = null;
  /** Told when it closes. @internal */ readonly _dependents = new Set<{ loopClosed(): void }>();
  /** A future without a result that is done; made by whom it serves. @internal */
  _finished: object | null = null;
  // Both keep their slots, which are emptied as they are run: setting a length costs more than a callback.
  #ready: (Runnable | undefined)[] = [];
  #readyCount = 0;
  #batch: (Runnable | undefined)[] = [];
  #batchCount = 0;
  #position = 0;
  #entered = false;
  #closed = false;
  readonly #timers = new TimerQueue();
  /** When the native loop will wake us. */
  #deadline: number | null = null;
  #clockOffset = 0;

  protected abstract readonly _turns: TurnSource;

  /** Puts performance.now() on the native clock. */
  protected _setClock(nativeNow: () => number): void {
    this.#clockOffset = clockOffset(nativeNow);
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
    // 0 disarms; a time already past is the smallest that arms. An infinite one never comes, but keeps the loop
    // alive.
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

  /** Calls `callback(...args)` at `when`, in milliseconds of time(), as callLater(): asyncio's call_at. */
  callAt<A extends unknown[]>(
    when: number,
    callback: (...args: A) => unknown,
    ...args: A
  ): TimerHandle {
    this._checkClosed();
    checkNumber('when', when);
    checkFunction('callback', callback);
    const handle = new TimerHandle(when, callback as Callback, args, this);
    this._addTimer(handle);
    return handle;
  }

  /** Whether close() was called. */
  isClosed(): boolean {
    return this.#closed;
  }

  /** @internal */
  _checkClosed(): void {
    if (this.#closed) throw new RuntimeError('Event loop is closed');
  }

  /** Adds to the next batch. @internal */
  _enqueue(runnable: Runnable): void {
    if (this.#closed) return;
    this.#ready[this.#readyCount++] = runnable;
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
    if (this._callsEach) this._forgetRan();
    this._exit();
  }

  /** Runs some batches, or goes on with one; see LoopCallbacks.runReady. @internal */
  _runReady(): number {
    if (this._callsEach) return this.#runOne();
    const limit = this._state[STATE_BATCH_LIMIT] as number;
    let start = 0;
    for (let batches = 1; ; batches++) {
      if (this.#runBatch()) return READY_NEEDS_MICROTASKS;
      if (drainMicrotasks === null || this._callsEach) return READY_DONE;
      drainMicrotasks();
      if (this._state[STATE_READY] === 0 || this.#closed || batches === limit) return READY_DONE;
      if (batches % BATCHES_PER_LOOK !== 0) continue;
      const now = performance.now();
      if (batches === BATCHES_PER_LOOK) start = now;
      else if (now - start > LONGEST_WITHOUT_POLL) return READY_DONE;
    }
  }

  /** Runs one callback of the batch in a call of its own, which the native side times. */
  #runOne(): number {
    this._enter();
    if (this.#position === this.#batchCount) this.#beginBatch();
    if (this.#position < this.#batchCount) {
      const runnable = this.#batch[this.#position] as Runnable;
      this.#batch[this.#position++] = undefined;
      this._runWatched(runnable);
    }
    this._drainRequested = false;
    const isOver = this.#position === this.#batchCount;
    this._state[STATE_READY] = isOver && this.#readyCount === 0 ? 0 : 1;
    this._exit();
    drainMicrotasks?.();
    this._watchEnds();
    if (isOver) return READY_DONE;
    return drainMicrotasks === null ? READY_NEEDS_MICROTASKS : READY_GOES_ON;
  }

  /** True when the rest of the batch has to wait for what only the native side can do. */
  #runBatch(): boolean {
    this._enter();
    if (this.#position === this.#batchCount) this.#beginBatch();
    const batch = this.#batch;
    while (this.#position < this.#batchCount) {
      const runnable = batch[this.#position] as Runnable;
      batch[this.#position++] = undefined;
      runnable.run();
      // Close to asyncio, where a task's step is over before the next callback: the promise
      // reactions of this one run first.
      if (this._drainRequested && this.#position < this.#batchCount) {
        this._drainRequested = false;
        this._state[STATE_READY] = 1;
        this._exit();
        if (drainMicrotasks === null) return true;
        drainMicrotasks();
        this._enter();
      }
    }
    this._drainRequested = false;
    this._state[STATE_READY] = this.#readyCount === 0 ? 0 : 1;
    this._exit();
    return false;
  }

  /** @internal */
  _addTimer(timer: Timed): void {
    this.#timers.add(timer);
    if (this.#entered) return;
    if (this.#deadline === null || timer._when < this.#deadline) this._requestRound();
  }

  /** @internal */
  _timerCancelled(timer: Timed): void {
    this.#timers.cancel(timer);
    // A deadline that nobody waits for must not keep the process alive.
    if (this.#entered || this.#deadline === null) return;
    if (timer._when <= this.#deadline) this._requestRound();
  }

  /** What waits here, for metrics(). @internal */
  _counts(): { ready: number; timers: number } {
    const ready = this.#readyCount + this.#batchCount - this.#position;
    return { ready, timers: this.#timers.size };
  }

  /** Drops everything scheduled. @internal */
  protected _closeScheduler(): void {
    this.#closed = true;
    // No round of a closed loop comes to its end.
    if (this.#entered) setRunningLoop(null);
    this.#entered = false;
    this.#ready = [];
    this.#readyCount = 0;
    this.#batch = [];
    this.#batchCount = 0;
    this.#position = 0;
    this.#timers.clear();
  }

  #beginBatch(): void {
    if (this._state[STATE_DEADLINE_PASSED] !== 0) {
      this._state[STATE_DEADLINE_PASSED] = 0;
      this.#deadline = null;
    }
    if (!this.#timers.isEmpty) this.#moveDueTimers();
    const empty = this.#batch;
    this.#batch = this.#ready;
    this.#batchCount = this.#readyCount;
    this.#position = 0;
    this.#ready = empty.length > SLOTS_KEPT ? [] : empty;
    this.#readyCount = 0;
    this._state[STATE_READY] = 0;
  }

  #moveDueTimers(): void {
    const due = this._dueTime();
    for (let timer = this.#timers.takeDue(due); timer; timer = this.#timers.takeDue(due)) {
      this.#ready[this.#readyCount++] = timer;
    }
  }

  #armDeadline(): void {
    const deadline = this.#timers.next() ?? null;
    if (deadline === this.#deadline) return;
    this.#deadline = deadline;
    this._wakeAt(deadline);
  }
}
