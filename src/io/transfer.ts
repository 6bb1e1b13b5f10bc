/**
 * A file that goes out through a transport, past its write buffer: what the transport and sendfile know of each other.
 *
 * Begins when what was written before has left. Invariant: while there is one, nothing else is written to the transport;
 * when the transport is lost, whatever the transfer waits for ends.
 */

import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import { systemError, UV_ECONNABORTED } from '../util/system_error.js';
import type { CallTarget, CallWaiter } from './socket_call.js';

export class Transfer implements CallTarget {
  /** Done when what was written before has left. */
  readonly emptied: Future<void>;
  readonly #descriptor: number;
  #waiter: CallWaiter | null = null;
  #failure: Error | null = null;

  constructor(loop: Scheduler, descriptor: number) {
    this.emptied = new Future({ loop });
    this.#descriptor = descriptor;
  }

  /** Why the transport was lost; null while it is not. */
  get failure(): Error | null {
    return this.#failure;
  }

  onEmpty(): void {
    if (!this.emptied.done()) this.emptied.setResult();
  }

  onLost(exception: Error | null): void {
    this.#failure = exception ?? systemError(UV_ECONNABORTED, 'sendfile');
    if (!this.emptied.done()) this.emptied.setException(this.#failure);
    this.#waiter?._targetClosed();
  }

  fileno(): number {
    return this.#failure === null ? this.#descriptor : -1;
  }

  _checkFree(): void {}

  _addWaiter(_direction: string, waiter: CallWaiter): void {
    this.#waiter = waiter;
  }

  _removeWaiter(): void {
    this.#waiter = null;
  }
}
