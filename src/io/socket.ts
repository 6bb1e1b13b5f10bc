/**
 * Socket: a socket that a program uses itself, call by call; what Python's users have as socket.socket.
 *
 * It never waits: the loop's sock… methods do, in socket_call.ts. It belongs to no loop until a transport or a
 * server takes it over, which closes it in the end. Invariant: at most one call waits in each direction.
 */

import { inspect } from 'node:util';
import { native } from '../binding/addon.js';
import type { BareSocketWrap } from '../binding/bare_contract.js';
import type { SocketAddress } from '../binding/contract.js';
import { RuntimeError } from '../core/exceptions.js';
import { checkInteger, checkOptions, typeError } from '../util/check.js';
import { systemError } from '../util/system_error.js';
import { type AddressLike, checkAddress } from './addresses.js';
import type { CallTarget, CallWaiter } from './socket_call.js';
import {
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
} from './socket_constants.js';
import { DescriptorOptions } from './socket_option.js';
import type { TransportSocket } from './transports.js';
import { checkName } from './unix_name.js';
import type { Direction } from './watchers.js';

/** 4 and 6 as everywhere in uvio, or unix sockets. */
export type SocketFamily = 4 | 6 | 'unix';

/** A numeric address with a port, or the name of a unix socket. */
export type SocketName = AddressLike | string | Uint8Array;

/** What `new Socket()` takes. */
export interface SocketOptions {
  /** A descriptor to take over, whatever it is a socket of: the other arguments are not looked at. */
  fileno?: number;
}

const LARGEST = 0x7fffffff;

/**
 * A socket of one's own, for loop.sockRecv() and its like, or for the option `sock`: Python's socket.socket, non-blocking.
 *
 * @typeParam A what its addresses look like: a string with unix sockets
 */
export class Socket<A = SocketAddress>
  extends DescriptorOptions
  implements TransportSocket<A>, CallTarget
{
  /** 4, 6 or `unix`. */
  readonly family: SocketFamily;
  /** SOCK_STREAM or another. */
  readonly type: number;
  /** @internal */ readonly _wrap: BareSocketWrap;
  readonly #waiters: Record<Direction, CallWaiter | null> = { reader: null, writer: null };
  #user: object | null = null;

  /**
   * A new socket, non-blocking and closed on exec.
   *
   * @param family 4, 6 or 'unix'
   * @param type SOCK_STREAM, SOCK_DGRAM …
   * @param proto IPPROTO_*; 0 for what belongs to the type
   * @throws TypeError, RangeError or a system error
   */
  constructor(
    family: SocketFamily = 4,
    type: number = SOCK_STREAM,
    proto = 0,
    options?: SocketOptions,
  ) {
    super();
    if (family !== 4 && family !== 6 && family !== 'unix') {
      throw typeError('family', "4, 6 or 'unix'", family);
    }
    checkInteger('type', type, 0, LARGEST);
    checkInteger('proto', proto, 0, LARGEST);
    checkOptions(options);
    const fileno = options?.fileno;
    if (fileno !== undefined) checkInteger('fileno', fileno, 0, LARGEST);
    this._wrap = new native.BareSocketWrap();
    if (fileno === undefined) {
      this.family = family;
      this.type = type;
      this.#check(this._wrap.open(family === 'unix' ? 0 : family, type, proto), 'socket');
      return;
    }
    this.#check(this._wrap.take(fileno), 'socket');
    const name = this._wrap.getSocketName();
    if (typeof name !== 'string' && typeof name !== 'object') {
      this._wrap.release();
      throw typeError('fileno', 'an IPv4, IPv6 or unix socket', fileno);
    }
    this.family = typeof name === 'string' ? 'unix' : name.family === 'IPv4' ? 4 : 6;
    this.type = this.getsockopt(SOL_SOCKET, SO_TYPE);
  }

  /** The descriptor's number; -1 when closed. */
  get fd(): number {
    return this.fileno();
  }

  fileno(): number {
    return this._wrap.getDescriptor();
  }

  /** Gives the socket its own address. @throws TypeError, RangeError or a system error */
  bind(address: SocketName): void {
    const name = this._checkName('address', address);
    this.#check(this._wrap.bind(...name), 'bind', name);
  }

  /** Lets others connect. @param backlog connections that the kernel keeps until they are accepted */
  listen(backlog = 100): void {
    checkInteger('backlog', backlog, 0, LARGEST);
    this.#check(this._wrap.listen(backlog), 'listen');
  }

  /** Its own address. */
  getsockname(): A {
    return this.#check(this._wrap.getSocketName(), 'getsockname') as A;
  }

  /** @throws a system error when there is no peer */
  getpeername(): A {
    return this.#check(this._wrap.getPeerName(), 'getpeername') as A;
  }

  /** Ends one direction or both. @param how SHUT_RD, SHUT_WR or SHUT_RDWR */
  shutdown(how: number): void {
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) {
      throw typeError('how', 'SHUT_RD, SHUT_WR or SHUT_RDWR', how);
    }
    this.#check(this._wrap.shutdown(how), 'shutdown');
  }

  /** Closes it: calls that wait for it fail with EBADF, later ones too. */
  close(): void {
    this.#endWaiters();
    this._wrap.close();
  }

  /** Gives the descriptor away, open, and is closed without it. */
  detach(): number {
    this.#endWaiters();
    return this._wrap.release();
  }

  /** close(). */
  [Symbol.dispose](): void {
    this.close();
  }

  override toString(): string {
    return `<Socket fd=${this.fd}, family=${this.family}, type=${this.type}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** What the native side takes as an address. @throws TypeError or RangeError @internal */
  _checkName(argument: string, address: SocketName): [string, number] | [Uint8Array] {
    if (this.family === 'unix') return [checkName(address, argument)];
    const { address: host, port } = checkAddress(argument, address as AddressLike);
    return [host, port];
  }

  /** Belongs to a transport or a server from now on. @internal */
  _use(user: object): void {
    this.#user = user;
  }

  /** @throws RuntimeError when a transport or a server owns it @internal */
  _checkFree(): void {
    if (this.#user === null || this.fd < 0) return;
    throw new RuntimeError(`File descriptor ${this.fd} is used by transport ${this.#user}`);
  }

  /** @throws RuntimeError when another call waits in that direction @internal */
  _addWaiter(direction: Direction, waiter: CallWaiter): void {
    if (this.#waiters[direction] !== null) {
      const doing = direction === 'reader' ? 'for incoming data' : 'to send';
      throw new RuntimeError(`another call is already waiting ${doing} on ${this}`);
    }
    this.#waiters[direction] = waiter;
  }

  /** @internal */
  _removeWaiter(direction: Direction): void {
    this.#waiters[direction] = null;
  }

  #endWaiters(): void {
    this.#waiters.reader?._targetClosed();
    this.#waiters.writer?._targetClosed();
  }

  #check<T>(result: T | number, syscall: string, name?: [string | Uint8Array, number?]): T {
    if (typeof result !== 'number' || result >= 0) return result as T;
    const details = name === undefined ? {} : { address: String(name[0]), port: name[1] };
    throw systemError(result, syscall, details);
  }
}
