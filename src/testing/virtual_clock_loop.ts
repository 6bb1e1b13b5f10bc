/**
 * An event loop for tests, whose clock jumps: a day of sleeping takes no time.
 *
 * The clock stands still while anything is ready. When nothing is, and the loop has polled and heard
 * nothing, it jumps to the earliest timer. asyncio has no such loop; trio's MockClock is the nearest.
 * Invariant: a jump never passes a timer, and sockets that are readable are served before it.
 */

import { STATE_DEADLINE_PASSED, STATE_READY } from '../binding/contract.js';
import { EventLoop } from '../loop/event_loop.js';
import { checkNumber, checkOptions, rangeError } from '../util/check.js';

/** What `new VirtualClockLoop()` takes. */
export interface VirtualClockOptions {
  /** What time() begins with, in milliseconds; by default 0. */
  startTime?: number;
  /**
   * How many real milliseconds nothing must happen before the clock jumps; by default 0, which is enough
   * where everything that a test waits for is on this loop. More for peers elsewhere and foreign promises.
   */
  idle?: number;
}

function checkDuration(argument: string, value: number): void {
  checkNumber(argument, value);
  if (value < 0 || value === Number.POSITIVE_INFINITY) {
    throw rangeError(argument, 'a finite number of milliseconds, 0 or more', value);
  }
}

/**
 * An EventLoop on a virtual clock: `run(main, { loopFactory: () => new VirtualClockLoop() })`.
 *
 * time(), callLater, callAt, sleep and whatever builds on them follow the virtual clock; Node's own
 * timers, AbortSignal.timeout and other processes do not.
 */
export class VirtualClockLoop extends EventLoop {
  readonly #idle: number;
  #now: number;
  #wakeTime: number | null = null;
  /** Whether anything has happened since the last round ended. */
  #disturbed = false;

  /** @throws TypeError or RangeError for a wrong option */
  constructor(options?: VirtualClockOptions) {
    checkOptions(options);
    const { startTime = 0, idle = 0 } = options ?? {};
    checkDuration('startTime', startTime);
    checkDuration('idle', idle);
    super();
    this.#now = startTime;
    this.#idle = idle;
  }

  /** The virtual time, in milliseconds. */
  override time(): number {
    return this.#now;
  }

  /**
   * Moves the clock by hand, as if the caller had worked for so long: all timers that have become due run in
   * the next batch, in their order.
   *
   * @throws TypeError or RangeError, or RuntimeError when the loop is closed
   */
  advance(milliseconds: number): void {
    this._checkClosed();
    checkDuration('milliseconds', milliseconds);
    this.#now += milliseconds;
    this._requestRound();
  }

  /** Nothing is due early: the clock has no resolution. @internal */
  protected override _dueTime(): number {
    return this.#now;
  }

  /** @internal */
  protected override _wakeAt(when: number | null): void {
    this.#wakeTime = when;
  }

  /** @internal */
  override _requestRound(): void {
    this.#disturbed = true;
    super._requestRound();
  }

  /** @internal */
  override _enter(): void {
    this.#disturbed = true;
    super._enter();
  }

  /** @internal */
  override _runReady(): number {
    if (this._state[STATE_DEADLINE_PASSED] !== 0) {
      if (!this.#disturbed && this.#wakeTime !== null) {
        this.#now = Math.max(this.#now, this.#wakeTime);
      }
      // The scheduler, too, forgets its deadline here, and sets one when the round ends.
      this.#wakeTime = null;
    }
    return super._runReady();
  }

  /** The round is over: if nothing is ready, the native deadline is the end of the quiet. @internal */
  override _leave(): void {
    super._leave();
    this.#disturbed = this._state[STATE_READY] !== 0;
    if (this.#wakeTime === null || this.#disturbed) this._turns.setDeadline(0);
    else if (this.#wakeTime === Number.POSITIVE_INFINITY) super._wakeAt(this.#wakeTime);
    else super._wakeAt(super.time() + this.#idle);
  }
}
