/**
 * The watchdog's side in the observer thread: looks at one loop, and tells of callbacks that run too long.
 *
 * It wakes once per threshold, and exactly when a running callback would reach it: whatever runs at the threshold was
 * seen before. Each call of a loop into JavaScript is told of once.
 */

import { ENTRY_REPORTED, ENTRY_SINCE } from '../binding/contract.js';

const NANOSECONDS = 1e6;

export class StallWatch {
  readonly #entry: BigInt64Array;
  readonly #onStall: (watch: StallWatch, since: bigint) => void;
  #threshold: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** The entry that was told of, or looked at and let be. */
  #known = 0n;

  /** `onStall` is called with the entry that has reached the threshold. */
  constructor(entry: BigInt64Array, onStall: (watch: StallWatch, since: bigint) => void) {
    this.#entry = entry;
    this.#onStall = onStall;
  }

  /** Milliseconds; null: it is only asked. */
  setThreshold(threshold: number | null): void {
    this.#threshold = threshold;
    this.stop();
    this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** For how many milliseconds a callback is running; null when none is. */
  running(): number | null {
    const since = Atomics.load(this.#entry, ENTRY_SINCE);
    return since === 0n ? null : millisecondsSince(since);
  }

  /** Whether the callback that was entered then is running still. */
  isRunning(since: bigint): boolean {
    return Atomics.load(this.#entry, ENTRY_SINCE) === since;
  }

  /** The loop's thread tells how long this call took, when it is over. */
  wantTotal(since: bigint): void {
    Atomics.store(this.#entry, ENTRY_REPORTED, since);
  }

  #look(): void {
    const threshold = this.#threshold;
    if (threshold === null) return;
    const since = Atomics.load(this.#entry, ENTRY_SINCE);
    let next = threshold;
    if (since !== 0n && since !== this.#known) {
      next = threshold - millisecondsSince(since);
      if (next <= 0) {
        this.#known = since;
        this.#onStall(this, since);
        next = threshold;
      }
    }
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(next)));
  }
}

export function millisecondsSince(since: bigint): number {
  return Number(process.hrtime.bigint() - since) / NANOSECONDS;
}
