/**
 * When a protocol is told to stop writing: asyncio's _FlowControlMixin.
 *
 * Invariant: pauseWriting and resumeWriting alternate; paused exactly while the buffer has passed the
 * high-water mark and not yet fallen to the low one.
 */

import { checkInteger, checkOptions, rangeError } from '../util/check.js';
import type { WriteBufferLimits } from './transports.js';

const DEFAULT_HIGH_WATER = 64 * 1024;

export abstract class FlowControl {
  #high = DEFAULT_HIGH_WATER;
  #low = DEFAULT_HIGH_WATER / 4;
  #paused = false;

  /** Bytes written and not yet taken by the kernel. */
  abstract getWriteBufferSize(): number;
  protected abstract _pauseProtocol(): void;
  protected abstract _resumeProtocol(): void;

  /** `[low, high]` in bytes. */
  getWriteBufferLimits(): [number, number] {
    return [this.#low, this.#high];
  }

  /**
   * Sets the marks, in bytes: `high` is by default four times `low`, `low` a quarter of `high`.
   *
   * @throws TypeError or RangeError
   */
  setWriteBufferLimits(limits?: WriteBufferLimits): void {
    checkOptions(limits, 'limits');
    if (limits?.high !== undefined) checkInteger('high', limits.high, 0, Number.MAX_SAFE_INTEGER);
    if (limits?.low !== undefined) checkInteger('low', limits.low, 0, Number.MAX_SAFE_INTEGER);
    const high = limits?.high ?? (limits?.low === undefined ? DEFAULT_HIGH_WATER : 4 * limits.low);
    const low = limits?.low ?? Math.floor(high / 4);
    if (low > high) throw rangeError('low', `at most high (${high})`, low);
    this.#high = high;
    this.#low = low;
    this._bufferGrew();
  }

  /** Whether the protocol has been told to pause. @internal */
  get _isPaused(): boolean {
    return this.#paused;
  }

  protected get _highWater(): number {
    return this.#high;
  }

  protected _bufferGrew(): void {
    if (this.#paused || this.getWriteBufferSize() <= this.#high) return;
    this.#paused = true;
    this._pauseProtocol();
  }

  protected _bufferShrank(): void {
    if (!this.#paused || this.getWriteBufferSize() > this.#low) return;
    this.#paused = false;
    this._resumeProtocol();
  }
}
