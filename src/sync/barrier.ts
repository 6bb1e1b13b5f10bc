/**
 * asyncio.Barrier: a number of tasks wait for each other, then all go on.
 *
 * The barrier fills until the last one comes, then drains; who comes while it drains waits for the next
 * filling. Invariant: `#count` is the number of those between their coming and their going, and the state
 * changes only while the condition's lock is held.
 */

import type { AbortOptions } from '../core/abort.js';
import { RuntimeError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { checkInteger } from '../util/check.js';
import { abortable } from './calling.js';
import { Condition } from './condition.js';
import { LoopBound } from './loop_bound.js';

/** The barrier was aborted, or reset while someone waited: asyncio.BrokenBarrierError. */
export class BrokenBarrierError extends RuntimeError {
  static {
    BrokenBarrierError.prototype.name = 'BrokenBarrierError';
  }
}

type State = 'filling' | 'draining' | 'resetting' | 'broken';

/** Tasks wait for each other, so many at a time: asyncio.Barrier. */
export class Barrier extends LoopBound {
  readonly #condition = new Condition();
  readonly #parties: number;
  #state: State = 'filling';
  #count = 0;

  /**
   * @param parties how many have to wait before all go on
   * @throws TypeError or RangeError
   */
  constructor(parties: number) {
    super();
    checkInteger('parties', parties, 1, Number.MAX_SAFE_INTEGER);
    this.#parties = parties;
  }

  /** How many have to wait before all go on. */
  get parties(): number {
    return this.#parties;
  }

  /** How many wait for the barrier to fill. */
  get nWaiting(): number {
    return this.#state === 'filling' ? this.#count : 0;
  }

  /** Whether the barrier was aborted. */
  get broken(): boolean {
    return this.#state === 'broken';
  }

  /**
   * Waits until as many wait as the barrier has parties.
   *
   * @param options `signal` gives up the waiting; the others wait on
   * @returns a future of a number from 0 to parties - 1, another one for each
   * @throws TypeError; the future fails with BrokenBarrierError
   */
  wait(options?: AbortOptions): Future<number> {
    return this.#holding(options, (loop) => this.#wait(loop));
  }

  /** Empties the barrier: who waits gets a BrokenBarrierError. Mends a broken one. */
  reset(options?: AbortOptions): Future<void> {
    return this.#holding(options, () => this.#change(this.#count > 0 ? 'resetting' : 'filling'));
  }

  /** Breaks the barrier: who waits, or comes later, gets a BrokenBarrierError. */
  abort(options?: AbortOptions): Future<void> {
    return this.#holding(options, () => this.#change('broken'));
  }

  protected override _describe(): string {
    return this.broken ? '[broken]' : `[${this.#state}, waiters:${this.nWaiting}/${this.#parties}]`;
  }

  /** An operation of `body` with the lock held. */
  #holding<T>(
    options: AbortOptions | undefined,
    body: (loop: Scheduler) => OperationBody<T>,
  ): Future<T> {
    const condition = this.#condition;
    function* holding(loop: Scheduler): OperationBody<T> {
      yield* condition._acquire(loop);
      try {
        return yield* body(loop);
      } finally {
        condition.release();
      }
    }
    return abortable(options, (loop) => new Operation(loop, holding(loop)));
  }

  *#wait(loop: Scheduler): OperationBody<number> {
    const settled = () => this.#state !== 'draining' && this.#state !== 'resetting';
    yield* this.#condition._waitFor(loop, settled);
    if (this.broken) throw new BrokenBarrierError('Barrier aborted');
    const index = this.#count++;
    try {
      if (this.#count === this.#parties) yield* this.#change('draining');
      else yield* this.#waitUntilFull(loop);
      return index;
    } finally {
      this.#count--;
      if (this.#count === 0) this.#empty();
    }
  }

  *#waitUntilFull(loop: Scheduler): OperationBody<void> {
    yield* this.#condition._waitFor(loop, () => this.#state !== 'filling');
    if (this.#state !== 'draining') throw new BrokenBarrierError('Abort or reset of barrier');
  }

  // biome-ignore lint/correctness/useYield: a body that never waits
  *#change(state: State): OperationBody<void> {
    this.#state = state;
    this.#condition.notifyAll();
  }

  /** The last one has gone. */
  #empty(): void {
    if (!this.broken) this.#state = 'filling';
    this.#condition.notifyAll();
  }
}
