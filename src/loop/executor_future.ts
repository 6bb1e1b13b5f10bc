/**
 * A call that an executor has taken: the future of its result, and all that is needed to run it.
 *
 * In asyncio it is two futures, concurrent.futures' and the loop's. Invariant: once it is done nothing of the call runs
 * any more, nor will: whoever cancels it, or whose time is over, has stopped the work.
 */

import { cancelOnAbort } from '../core/abort.js';
import type { TimerHandle } from '../core/events.js';
import { TimeoutError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import type { CallSite } from '../util/call_site.js';
import type { JobOptions } from './executor_call.js';
import { unpackAt } from './executor_errors.js';
import type { Call, Outcome } from './executor_worker.js';

export class ExecutorFuture extends Future {
  /** @internal */ readonly _call: Call;
  /** @internal */ readonly _transferList: readonly object[];
  /** Where the call was made. @internal */ _site: CallSite | null = null;
  readonly #timer: TimerHandle | null;
  readonly #stop: (call: ExecutorFuture) => void;

  /** @param stop stops the work, or takes it from the queue */
  constructor(
    loop: Scheduler,
    call: Call,
    options: JobOptions,
    stop: (call: ExecutorFuture) => void,
  ) {
    super({ loop });
    this._call = call;
    this._transferList = options.transferList ?? [];
    this.#stop = stop;
    const { timeout = Number.POSITIVE_INFINITY } = options;
    const isLimited = timeout !== Number.POSITIVE_INFINITY;
    this.#timer = isLimited ? loop.callLater(timeout, () => this.#expire(timeout)) : null;
    cancelOnAbort(this, options);
  }

  override cancel(message?: unknown): boolean {
    if (!super.cancel(message)) return false;
    this.#timer?.cancel();
    this.#stop(this);
    return true;
  }

  /** The call has ended. @internal */
  _end(outcome: Outcome, where: string): void {
    this.#timer?.cancel();
    // Nobody hears of it where the loop is closed.
    if (this.done() || this._loop.isClosed()) return;
    if ('value' in outcome) this.setResult(outcome.value);
    else this._fail(unpackAt(outcome.thrown, where, this._site));
  }

  /** It cannot be run, or its worker has ended. @internal */
  _break(error: Error): void {
    this.#timer?.cancel();
    if (this.done() || this._loop.isClosed()) return;
    this._site?.place(error);
    this._fail(error);
  }

  #expire(timeout: number): void {
    if (this.done()) return;
    this._break(new TimeoutError(`${this._call.name} did not end within ${timeout} ms`));
    this.#stop(this);
  }
}
