/**
 * What clients and servers on Node's streams expect of a socket besides the stream: net.Socket's members.
 *
 * Timeouts, socket options, addresses, ref() and unref(), whatever transport is below. What is asked of a socket that
 * still connects is done when it has. Invariant: its timer goes with the socket, and never keeps the process alive.
 */

import { Duplex } from 'node:stream';
import type { SocketAddress } from '../binding/contract.js';
import type { Scheduler } from '../core/scheduler.js';
import type { Transport } from '../io/transports.js';
import { checkFunction, checkNumber, rangeError } from '../util/check.js';

/** What transports of sockets can do beyond the interface; others do without. */
export interface SocketTransportControls {
  readonly _loop?: Scheduler;
  /** Sends what was written in this round of the loop. */
  _flush?(): void;
  _setReferenced?(referenced: boolean): void;
  _setNoDelay?(enable: boolean): void;
  _setKeepAlive?(enable: boolean, delaySeconds: number): void;
}

// What Node's timers can wait for.
const LONGEST_TIMEOUT = 2 ** 31 - 1; // ms

/** A Duplex with the members of a net.Socket: what toDuplex() gives. */
export abstract class SocketDuplex extends Duplex {
  /** Null while the socket connects. */
  protected _transport: (Transport & SocketTransportControls) | null = null;
  /** Node asks it of TLS sockets. */
  readonly encrypted: boolean = false;
  /** What setTimeout() was given, in milliseconds; 0 for none. */
  timeout = 0;
  #timer: NodeJS.Timeout | null = null;
  /** How long it runs, in milliseconds. */
  #delay = 0;
  /** How much was still to be sent when the timer last ended. */
  #unsent = 0;
  #whenConnected: ((transport: SocketTransportControls) => void)[] = [];

  /** Bytes received. */
  abstract get bytesRead(): number;
  /** Bytes written, those among them that have not left. */
  abstract get bytesWritten(): number;

  /** Whether there is no connection yet. */
  get connecting(): boolean {
    return this._transport === null && !this.destroyed;
  }

  /** As `connecting`; true as well when there never was one. */
  get pending(): boolean {
    return this._transport === null;
  }

  /** As of net.Socket. */
  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** As of net.Socket. */
  get remoteAddress(): string | undefined {
    return this.#address('peername')?.address;
  }

  /** As of net.Socket. */
  get remotePort(): number | undefined {
    return this.#address('peername')?.port;
  }

  /** As of net.Socket. */
  get remoteFamily(): string | undefined {
    return this.#address('peername')?.family;
  }

  /** As of net.Socket. */
  get localAddress(): string | undefined {
    return this.#address('sockname')?.address;
  }

  /** As of net.Socket. */
  get localPort(): number | undefined {
    return this.#address('sockname')?.port;
  }

  /** As of net.Socket. */
  get localFamily(): string | undefined {
    return this.#address('sockname')?.family;
  }

  /** The socket's own address; empty when it has none, as a unix socket. */
  address(): SocketAddress | Record<string, never> {
    return this.#address('sockname') ?? {};
  }

  /**
   * Does nothing but emit 'connect', for clients that are given a socket and connect it by themselves, as pg: it is
   * connected, or about to be.
   */
  connect(..._where: unknown[]): this {
    if (!this.connecting) process.nextTick(() => this.emit('connect'));
    return this;
  }

  /**
   * Emits 'timeout' after so many milliseconds without a byte in either direction; 0 for never.
   *
   * @param callback a listener for the next 'timeout'
   * @throws TypeError or RangeError
   */
  setTimeout(milliseconds: number, callback?: () => void): this {
    checkNumber('milliseconds', milliseconds);
    if (milliseconds < 0 || milliseconds === Number.POSITIVE_INFINITY) {
      throw rangeError('milliseconds', '0 or more, and finite', milliseconds);
    }
    if (callback !== undefined) {
      checkFunction('callback', callback);
      if (milliseconds === 0) this.removeListener('timeout', callback);
      else this.once('timeout', callback);
    }
    if (this.destroyed) return this;
    this.timeout = milliseconds;
    // HTTP switches its timeout off and on with every request, so the timer of one that is off runs on.
    if (milliseconds === 0) return this;
    if (this.#timer !== null && this.#delay === milliseconds) this.#timer.refresh();
    else this.#startTimer();
    return this;
  }

  /** Whether small writes leave at once; they do unless told otherwise. */
  setNoDelay(enable = true): this {
    this.#configure((transport) => transport._setNoDelay?.(enable));
    return this;
  }

  /**
   * Whether a silent peer is probed.
   *
   * @param initialDelay milliseconds of silence before the first probe; 0 leaves it to the system
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    const seconds = Math.trunc(initialDelay / 1000);
    this.#configure((transport) => transport._setKeepAlive?.(enable, seconds));
    return this;
  }

  /** Has an open connection keep the process alive, as it does from the start. */
  ref(): this {
    this.#configure((transport) => transport._setReferenced?.(true));
    return this;
  }

  /** Lets the process end in spite of the connection. */
  unref(): this {
    this.#configure((transport) => transport._setReferenced?.(false));
    return this;
  }

  /** Destroys it once everything has been written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /** The socket is connected to `transport`. */
  protected _connected(transport: Transport): void {
    this._transport = transport;
    const configurations = this.#whenConnected;
    this.#whenConnected = [];
    for (const configure of configurations) configure(transport as SocketTransportControls);
  }

  /** A byte was received or written. */
  protected _active(): void {
    if (this.timeout !== 0) this.#timer?.refresh();
  }

  protected _stopTimer(): void {
    this.timeout = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #startTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#delay = this.timeout;
    const delay = Math.min(this.#delay, LONGEST_TIMEOUT);
    this.#timer = setTimeout(() => this.#timedOut(), delay).unref();
  }

  #timedOut(): void {
    if (this.timeout === 0) return;
    const unsent = this._transport?.getWriteBufferSize() ?? 0;
    const progressed = unsent > 0 && unsent !== this.#unsent;
    this.#unsent = unsent;
    if (progressed) this.#timer?.refresh();
    else this.emit('timeout');
  }

  #configure(configure: (transport: SocketTransportControls) => void): void {
    if (this._transport === null) this.#whenConnected.push(configure);
    else configure(this._transport);
  }

  #address(name: 'peername' | 'sockname'): SocketAddress | undefined {
    const address: unknown = this._transport?.getExtraInfo(name);
    return typeof address === 'object' ? (address as SocketAddress) : undefined;
  }
}
