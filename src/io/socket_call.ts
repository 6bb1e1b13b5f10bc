/**
 * One call on a Socket that may have to wait: the body of asyncio's sock_recv, sock_sendall and their siblings.
 *
 * The system is asked at once, and again whenever the socket is ready. Invariant: the socket is watched exactly
 * while the call waits, so a call that has ended, or was cancelled, leaves the way free at once.
 */

import { Handle } from '../core/events.js';
import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import { type SystemErrorDetails, systemError, UV_EAGAIN, UV_EBADF } from '../util/system_error.js';
import type { Direction, Watchers } from './watchers.js';

/** What waits for a socket. */
export interface CallWaiter {
  /** The socket has been closed. */
  _targetClosed(): void;
}

/** What a call can wait for: a Socket. */
export interface CallTarget {
  /** The descriptor's number; -1 when closed. */
  fileno(): number;
  /** @throws RuntimeError when somebody else uses it */
  _checkFree(): void;
  /** @throws RuntimeError when another call waits in that direction */
  _addWaiter(direction: Direction, waiter: CallWaiter): void;
  _removeWaiter(direction: Direction): void;
}

/** What is called, and what comes of it. */
export interface Call<T> {
  direction: Direction;
  syscall: string;
  /** Where to, for errors. */
  details?: SystemErrorDetails;
  /** Asks the system: a count or 0, or a negative code, UV_EAGAIN to be asked again when the socket is ready. */
  attempt(): number;
  /** The call's result. */
  finish(count: number): T;
}

export class SocketCall<T> extends Future<T> implements CallWaiter {
  readonly #target: CallTarget;
  readonly #watchers: Watchers;
  readonly #call: Call<T>;
  /** The descriptor that is watched, for `#handle`; -1 while none is. */
  #watched = -1;
  #handle: Handle | null = null;

  constructor(loop: Scheduler, watchers: Watchers, target: CallTarget, call: Call<T>) {
    super({ loop });
    this.#target = target;
    this.#watchers = watchers;
    this.#call = call;
    try {
      target._checkFree();
      this.#attempt();
    } catch (error) {
      this.#stop();
      this._fail(error);
    }
  }

  override cancel(message?: unknown): boolean {
    if (!super.cancel(message)) return false;
    this.#stop();
    return true;
  }

  /** @internal */
  _targetClosed(): void {
    // A closed loop has dropped whoever waits.
    if (this._loop.isClosed()) this.#stop();
    else this.#end(UV_EBADF);
  }

  #attempt(): void {
    const result = this.#call.attempt();
    if (result !== UV_EAGAIN) this.#end(result);
    else if (this.#watched < 0) this.#watch();
  }

  #watch(): void {
    const descriptor = this.#target.fileno();
    if (descriptor < 0) {
      this.#end(UV_EBADF);
      return;
    }
    const { direction } = this.#call;
    this.#target._addWaiter(direction, this);
    this.#watched = descriptor;
    const ready = () => {
      if (!this.done()) this.#attempt();
    };
    this.#handle = new Handle(ready, [], this._loop);
    this.#watchers.set(descriptor, direction, this.#handle);
  }

  #stop(): void {
    if (this.#watched < 0) return;
    // A reader or writer that has been added in its place is not ours to remove.
    if (this.#handle?.cancelled() === false) {
      this.#watchers.remove(this.#watched, this.#call.direction);
    }
    this.#target._removeWaiter(this.#call.direction);
    this.#watched = -1;
  }

  #end(result: number): void {
    this.#stop();
    const { syscall, details } = this.#call;
    if (result < 0) {
      this._fail(systemError(result, syscall, details));
      return;
    }
    try {
      this.setResult(this.#call.finish(result));
    } catch (error) {
      this._fail(error);
    }
  }
}

/** Done when `target` is ready in that direction: the wait of a call that is made elsewhere. */
export function ready(
  loop: Scheduler,
  watchers: Watchers,
  target: CallTarget,
  direction: Direction,
  syscall: string,
): Future<void> {
  let asked = false;
  const attempt = () => {
    if (asked) return 0;
    asked = true;
    return UV_EAGAIN;
  };
  return new SocketCall(loop, watchers, target, {
    direction,
    syscall,
    attempt,
    finish: () => undefined,
  });
}
