/**
 * What a loop does with the system besides streams: descriptors, signals, names and datagrams.
 *
 * The methods of asyncio's AbstractEventLoop for these; io/watchers, io/signals, loop/names and
 * loop/datagrams do the work. Callbacks run in the ready queue, in the async context in which they
 * were added.
 */

import type { AddressInfo, NameInfo } from '../binding/contract.js';
import type { AbortOptions } from '../core/abort.js';
import { isCoroutine, isCoroutineFunction } from '../core/coroutines.js';
import { type Callback, Handle } from '../core/events.js';
import type { Future } from '../core/futures.js';
import { Scheduler } from '../core/scheduler.js';
import type { AddressLike } from '../io/addresses.js';
import type { DatagramProtocol } from '../io/protocols.js';
import type { Reactor } from '../io/reactor.js';
import { type SignalName, Signals, signalNumber } from '../io/signals.js';
import type { DatagramTransport } from '../io/transports.js';
import { type Direction, descriptorOf, type FileDescriptor, Watchers } from '../io/watchers.js';
import { checkFunction, typeError } from '../util/check.js';
import { type DatagramOptions, openDatagrams } from './datagrams.js';
import { type AddressInfoOptions, addressesOf, nameOf } from './names.js';

export abstract class SystemLoop extends Scheduler {
  /** @internal */ abstract readonly _reactor: Reactor;
  #allWatchers: Watchers | null = null;
  #signals: Signals | null = null;

  /** What watches descriptors. @internal */
  get _watchers(): Watchers {
    this.#allWatchers ??= new Watchers(this._reactor);
    return this.#allWatchers;
  }

  /**
   * Calls `callback(...args)` whenever `fd` has something to read, or is at its end: asyncio's
   * add_reader. It takes the place of the reader that `fd` had. Remove it before `fd` is closed.
   *
   * @param fd a pipe, socket, eventfd or whatever else can be polled: its number, or an object with
   * `fd` or `fileno()`
   * @throws TypeError, RangeError, or a system error: EBADF when `fd` is not open, EPERM for a regular
   * file, which is always ready; RuntimeError when a transport of the loop owns it
   */
  addReader<A extends unknown[]>(
    fd: FileDescriptor,
    callback: (...args: A) => unknown,
    ...args: A
  ): void {
    this.#watch(fd, 'reader', callback as Callback, args);
  }

  /** Calls `callback(...args)` whenever `fd` takes data, as addReader(): asyncio's add_writer. */
  addWriter<A extends unknown[]>(
    fd: FileDescriptor,
    callback: (...args: A) => unknown,
    ...args: A
  ): void {
    this.#watch(fd, 'writer', callback as Callback, args);
  }

  /**
   * Stops watching `fd` for reading; a call that is due already does not come. asyncio's remove_reader.
   *
   * @returns whether it was watched
   */
  removeReader(fd: FileDescriptor): boolean {
    return this.#unwatch(fd, 'reader');
  }

  /** Stops watching `fd` for writing, as removeReader(): asyncio's remove_writer. */
  removeWriter(fd: FileDescriptor): boolean {
    return this.#unwatch(fd, 'writer');
  }

  /**
   * Calls `callback(...args)` when the process gets the signal: asyncio's add_signal_handler. It takes the
   * place of the loop's handler before; other loops, other threads and Node's own listeners each
   * hear of the signal as well. A handler does not keep the process alive.
   *
   * @param signal its name, as 'SIGUSR1', or its number
   * @throws TypeError, RangeError, or RuntimeError for a signal that cannot be caught (SIGKILL)
   */
  addSignalHandler<A extends unknown[]>(
    signal: SignalName,
    callback: (...args: A) => unknown,
    ...args: A
  ): void {
    const number = signalNumber(signal);
    if (isCoroutine(callback) || isCoroutineFunction(callback)) {
      throw typeError('callback', 'a function that is no coroutine', callback);
    }
    checkFunction('callback', callback);
    this._checkClosed();
    this.#signals ??= new Signals(this._reactor);
    this.#signals.set(number, new Handle(callback as Callback, args, this));
  }

  /**
   * Takes the loop's handler of the signal away. The last one in the process, Node's own included, leaves
   * the signal its default action.
   *
   * @returns whether there was one
   */
  removeSignalHandler(signal: SignalName): boolean {
    const number = signalNumber(signal);
    return this.#signals !== null && !this.isClosed() && this.#signals.remove(number);
  }

  /**
   * Opens a UDP socket: asyncio's create_datagram_endpoint. With `remoteAddr` it is connected.
   *
   * @returns a future of `[transport, protocol]`
   * @throws TypeError or RangeError; system errors come through the future
   */
  createDatagramEndpoint<P extends DatagramProtocol>(
    protocolFactory: () => P,
    options?: DatagramOptions,
  ): Future<[DatagramTransport, P]> {
    return openDatagrams(this, protocolFactory, options);
  }

  /**
   * The addresses of a host, with what a socket needs to reach them: asyncio's getaddrinfo. What is numeric
   * is answered without asking anybody.
   *
   * @param host a name, an address, or null for this machine
   * @param port a number, a service's name as 'http', or null
   * @returns a future of the answers; it fails with a system error, ENOTFOUND for an unknown name
   */
  getaddrinfo(
    host: string | null,
    port: number | string | null,
    options?: AddressInfoOptions,
  ): Future<AddressInfo[]> {
    return addressesOf(this, host, port, options);
  }

  /**
   * The name of a host and of a service: asyncio's getnameinfo.
   *
   * @param sockaddr a numeric address with its port
   * @param flags NI_*, joined with |
   * @returns a future of `[host, service]`
   */
  getnameinfo(sockaddr: AddressLike, flags = 0, options?: AbortOptions): Future<NameInfo> {
    return nameOf(this, sockaddr, flags, options);
  }

  #watch(
    fd: FileDescriptor,
    direction: Direction,
    callback: Callback,
    args: readonly unknown[],
  ): void {
    const descriptor = descriptorOf(fd);
    checkFunction('callback', callback);
    this._checkClosed();
    this.#freeWatchers(descriptor).set(descriptor, direction, new Handle(callback, args, this));
  }

  #unwatch(fd: FileDescriptor, direction: Direction): boolean {
    const descriptor = descriptorOf(fd);
    return !this.isClosed() && this.#freeWatchers(descriptor).remove(descriptor, direction);
  }

  #freeWatchers(descriptor: number): Watchers {
    this._watchers.checkFree(descriptor);
    return this._watchers;
  }
}
