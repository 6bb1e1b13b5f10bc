/**
 * One piece of a file on its way to a socket, sent by sendfile() on one of libuv's threads.
 *
 * Invariant: it is done when the thread has let go of the socket, also when it is cancelled: what is written
 * afterwards cannot get in between.
 */

import { native } from '../binding/addon.js';
import type { HandleOwner } from '../binding/contract.js';
import { Future } from '../core/futures.js';
import type { Reactor } from './reactor.js';

/** The result is a count, 0 at the end of the file, or a negative code when nothing was sent. */
export class FileSend extends Future<number> implements HandleOwner {
  readonly #wrap: InstanceType<typeof native.FileSendWrap>;
  #cancellation: { message: unknown } | null = null;
  /** Bytes sent, also when it was cancelled. */
  sent = 0;
  /** Whether the socket takes no more for now. */
  blocked = false;

  constructor(reactor: Reactor, target: number, file: number, offset: number, size: number) {
    super({ loop: reactor.scheduler });
    this.#wrap = new native.FileSendWrap(reactor.wrap, this);
    const error = this.#wrap.start(target, file, offset, size);
    if (error < 0) this.setResult(error);
  }

  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    this.#cancellation ??= { message };
    this.#wrap.stop();
    return true;
  }

  /** @internal */
  onEvent(blocked: number, sent: number): void {
    this.sent = Math.max(sent, 0);
    this.blocked = blocked === 1;
    if (this.#cancellation === null) this.setResult(sent);
    else super.cancel(this.#cancellation.message);
  }
}
