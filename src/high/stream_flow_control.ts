/**
 * What StreamWriter.drain() and waitClosed() wait for: asyncio's FlowControlMixin.
 *
 * Invariant: whoever waits hears of it when writing may go on or when the connection is lost, whichever comes first.
 */

import { inspect } from 'node:util';
import type { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import { failed, finishedEmpty } from '../core/settled.js';
import { Protocol } from '../io/protocols.js';
import type { Transport } from '../io/transports.js';
import { systemError, UV_ECONNRESET } from '../util/system_error.js';
import { EventWaiters } from './event_waiters.js';

/** What can be awaited, and waited for with `yield*`. */
export interface Awaitable<T> extends PromiseLike<T> {
  /** Waits for it in a generator: `yield*`. */
  [Symbol.iterator](): Iterator<unknown, T, unknown>;
}

// What drain() gives while there is nothing to wait for. It is a promise, since `await` of one costs a third of that of a
// future, even of a done one; and `yield*` of it does not suspend.
const ENDED = { done: true, value: undefined } as const;
const READY: Awaitable<void> = Object.assign(Promise.resolve(), {
  [Symbol.iterator]: () => ({ next: () => ENDED }),
});

export class StreamFlowControl extends Protocol {
  protected readonly _loop: Scheduler;
  readonly #drained = new EventWaiters<void>();
  readonly #closed = new EventWaiters<void>();
  #paused = false;
  /** Undefined until the connection is lost; then why, or null. */
  #lost: Error | null | undefined = undefined;

  constructor(loop: Scheduler) {
    super();
    this._loop = loop;
  }

  override pauseWriting(): void {
    this.#paused = true;
    this._loop._logLife('debug', () => `${this} pauses writing`);
  }

  override resumeWriting(): void {
    this.#paused = false;
    this._loop._logLife('debug', () => `${this} resumes writing`);
    this.#drained.release();
  }

  override connectionLost(exception: Error | null): void {
    this.#lost = exception;
    for (const waiters of [this.#closed, this.#drained]) {
      if (exception === null) waiters.release();
      else waiters.fail(exception);
    }
  }

  /** Whether this is a server's side. @internal */
  get _isServerSide(): boolean {
    return false;
  }

  /** The connection goes on over another transport. @internal */
  _replaceTransport(_transport: Transport): void {}

  override toString(): string {
    return `<${this.constructor.name}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** Done when writing may go on. @internal */
  _drain(): Awaitable<void> {
    if (this.#lost !== undefined) {
      const reset = systemError(UV_ECONNRESET, 'write', { message: 'Connection lost' });
      return failed(this._loop, reset);
    }
    return this.#paused ? this.#drained.add(this._loop) : READY;
  }

  /** Done when the connection is lost; fails with why. @internal */
  _waitClosed(): Future<void> {
    if (this.#lost === undefined) return this.#closed.add(this._loop);
    return this.#lost === null ? finishedEmpty(this._loop) : failed(this._loop, this.#lost);
  }
}
