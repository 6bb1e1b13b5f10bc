/**
 * Connecting to one of several addresses: asyncio's _connect_sock and staggered_race, RFC 8305.
 *
 * The next attempt begins when the one before has failed, or with happy eyeballs when it takes too long.
 * Invariant: the attempts that lose, and all of them when it is given up, are closed at once.
 */

import { native } from '../binding/addon.js';
import {
  BIND_REUSE_ADDRESS,
  type SocketAddress,
  STREAM_CONNECTED,
  type StreamOwner,
  type TcpWrap,
} from '../binding/contract.js';
import type { TimerHandle } from '../core/events.js';
import { ExceptionGroup } from '../core/exception_group.js';
import { Future } from '../core/futures.js';
import { type SystemError, systemError, UV_EADDRNOTAVAIL } from '../util/system_error.js';
import type { Reactor } from './reactor.js';

/** One socket on its way to one address. */
class Attempt implements StreamOwner {
  readonly wrap: TcpWrap;
  readonly errors: Error[] = [];
  readonly #remote: SocketAddress;
  readonly #ended: (attempt: Attempt, connected: boolean) => void;

  constructor(
    reactor: Reactor,
    remote: SocketAddress,
    ended: (attempt: Attempt, connected: boolean) => void,
  ) {
    this.#remote = remote;
    this.#ended = ended;
    this.wrap = new native.TcpWrap(reactor.wrap, this);
  }

  /** Binds to the first of `locals` that works, and begins; false when it has failed already. */
  begin(locals: readonly SocketAddress[] | null): boolean {
    if (locals !== null && !this.#bind(locals)) return false;
    const error = this.wrap.connect(this.#remote.address, this.#remote.port);
    if (error < 0) this.#fail(error);
    return error === 0;
  }

  onStreamEvent(event: number, status: number): void {
    if (event !== STREAM_CONNECTED) return;
    if (status < 0) this.#fail(status);
    this.#ended(this, status === 0);
  }

  onRead(): void {}

  onGetBuffer(): null {
    return null;
  }

  onBufferUpdated(): void {}

  #bind(locals: readonly SocketAddress[]): boolean {
    for (const { address, port, family } of locals) {
      if (family !== this.#remote.family) continue;
      const error = this.wrap.bind(address, port, BIND_REUSE_ADDRESS);
      if (error === 0) return true;
      this.errors.push(systemError(error, 'bind', { address, port }));
    }
    if (this.errors.length === 0) {
      const message = `no matching local address with family=${this.#remote.family} found`;
      this.errors.push(systemError(UV_EADDRNOTAVAIL, 'bind', { message }));
    }
    this.wrap.close();
    return false;
  }

  #fail(errno: number): void {
    const { address, port } = this.#remote;
    this.errors.push(systemError(errno, 'connect', { address, port }));
    this.wrap.close();
  }
}

export interface ConnectingOptions {
  /** Addresses to connect from; null for the system's choice. */
  locals: readonly SocketAddress[] | null;
  /** Milliseconds after which the next attempt begins beside the one before; null for never. */
  delay: number | null;
  /** Whether the error is a group of all of them. */
  allErrors: boolean;
}

/** A socket that is connected to one of `remotes`. */
export class Connecting extends Future<TcpWrap> {
  readonly #reactor: Reactor;
  readonly #remotes: readonly SocketAddress[];
  readonly #options: ConnectingOptions;
  readonly #attempts: Attempt[] = [];
  readonly #running = new Set<Attempt>();
  #timer: TimerHandle | null = null;

  constructor(reactor: Reactor, remotes: readonly SocketAddress[], options: ConnectingOptions) {
    super({ loop: reactor.scheduler });
    this.#reactor = reactor;
    this.#remotes = remotes;
    this.#options = options;
    this.#beginNext();
  }

  override cancel(message?: unknown): boolean {
    if (!super.cancel(message)) return false;
    this.#giveUp();
    return true;
  }

  /** Nobody wants it any more: closes the connection, too, if there is one. */
  discard(): void {
    if (!this.cancel() && !this.cancelled() && this.exception() === null) this.result().close();
  }

  #beginNext(): void {
    this.#timer?.cancel();
    this.#timer = null;
    for (;;) {
      const remote = this.#remotes[this.#attempts.length];
      if (remote === undefined) {
        if (this.#running.size === 0) this._fail(this.#failure());
        return;
      }
      const attempt = new Attempt(this.#reactor, remote, (one, connected) =>
        this.#attemptEnded(one, connected),
      );
      this.#attempts.push(attempt);
      if (!attempt.begin(this.#options.locals)) continue;
      this.#running.add(attempt);
      const { delay } = this.#options;
      if (delay !== null && this.#attempts.length < this.#remotes.length) {
        this.#timer = this.#reactor.scheduler.callLater(delay, () => this.#beginNext());
      }
      return;
    }
  }

  #attemptEnded(attempt: Attempt, connected: boolean): void {
    this.#running.delete(attempt);
    if (connected) {
      this.#giveUp();
      this.setResult(attempt.wrap);
    } else if (attempt === this.#attempts.at(-1) || this.#running.size === 0) {
      this.#beginNext();
    }
  }

  #giveUp(): void {
    this.#timer?.cancel();
    for (const attempt of this.#running) attempt.wrap.close();
  }

  /** asyncio's rule: one failure, or several that say the same, is thrown as it is. */
  #failure(): Error {
    const failures = this.#attempts.flatMap((attempt) => attempt.errors);
    if (this.#options.allErrors) return new ExceptionGroup('create_connection failed', failures);
    const first = failures[0] as SystemError;
    if (failures.every((failure) => failure.message === first.message)) return first;
    const words = failures.map((failure) => failure.message).join(', ');
    const { code, errno, syscall } = first;
    return Object.assign(new AggregateError(failures, `Multiple exceptions: ${words}`), {
      code,
      errno,
      syscall,
    });
  }
}

/** Alternates between the families, after the first `count` addresses of the first one: RFC 8305, section 4. */
export function interleave(addresses: readonly SocketAddress[], count: number): SocketAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const ordered = first.splice(0, count - 1);
  for (let index = 0; index < Math.max(first.length, others.length); index++) {
    ordered.push(...first.slice(index, index + 1), ...others.slice(index, index + 1));
  }
  return ordered;
}
