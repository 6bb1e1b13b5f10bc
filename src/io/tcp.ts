/**
 * TCP: transports of connections, and the listening sockets of servers.
 *
 * A connection's transport owns its native socket, which it accepts, adopts, or takes over once it is
 * connected. No-delay is set on every connection unless told otherwise, as asyncio does.
 */

import { native } from '../binding/addon.js';
import {
  BIND_IPV6_ONLY,
  BIND_REUSE_ADDRESS,
  BIND_REUSE_PORT,
  type SocketAddress,
  type TcpWrap,
} from '../binding/contract.js';
import { type SystemErrorDetails, systemError, UV_ENOTCONN } from '../util/system_error.js';
import { Listener, type ListenerOwner } from './listener.js';
import type { ProtocolFactory, StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import { SocketTransport } from './socket_transport.js';
import type { TransportOwner } from './stream_transport.js';

/** What is set on every connection. */
export interface TcpSettings {
  noDelay: boolean;
  /** Seconds of silence after which the peer is asked; 0 for the system's, null for never. */
  keepAlive: number | null;
}

const DEFAULT_SETTINGS: TcpSettings = { noDelay: true, keepAlive: null };

/** A connection over TCP. */
export class TcpTransport extends SocketTransport {
  protected readonly _wrap: TcpWrap;
  readonly #settings: TcpSettings;

  /**
   * @param connected a socket that is connected already, which it takes over; else it gets one by _accept() or _adopt()
   */
  constructor(
    reactor: Reactor,
    protocol: StreamProtocol,
    owner: TransportOwner | null,
    settings = DEFAULT_SETTINGS,
    connected?: TcpWrap,
  ) {
    super(reactor, protocol, owner);
    this.#settings = settings;
    this._wrap = connected ?? new native.TcpWrap(reactor.wrap, this);
    if (connected === undefined) return;
    connected.setOwner(this);
    const error = this._established();
    if (error < 0) throw systemError(error, 'setsockopt');
  }

  /** @internal */
  _setNoDelay(enable: boolean): void {
    this._wrap.setNoDelay(enable);
  }

  /** @internal */
  _setKeepAlive(enable: boolean, delaySeconds: number): void {
    this._wrap.setKeepAlive(enable, delaySeconds);
  }

  protected override _established(): number {
    const { noDelay, keepAlive } = this.#settings;
    let error = noDelay ? this._wrap.setNoDelay(true) : 0;
    if (error === 0 && keepAlive !== null) error = this._wrap.setKeepAlive(true, keepAlive);
    // A peer that has reset the connection already has no name; reading will tell.
    return error === UV_ENOTCONN ? 0 : Math.min(error, 0);
  }
}

export interface BindOptions {
  ipv6Only: boolean;
  reuseAddress: boolean;
  reusePort: boolean;
}

/** A socket that is bound, and listens once told to. */
export class TcpListener extends Listener<SocketAddress, TcpWrap> {
  readonly #settings: TcpSettings;

  constructor(
    reactor: Reactor,
    factory: ProtocolFactory,
    server: ListenerOwner,
    settings: TcpSettings,
  ) {
    super(reactor, factory, server, native.TcpWrap);
    this.#settings = settings;
  }

  /** @throws a system error when the address cannot be bound; then it is closed */
  bind({ address, port }: SocketAddress, options: BindOptions): void {
    let flags = options.ipv6Only ? BIND_IPV6_ONLY : 0;
    if (options.reuseAddress) flags |= BIND_REUSE_ADDRESS;
    if (options.reusePort) flags |= BIND_REUSE_PORT;
    const error = this._wrap.bind(address, port, flags);
    if (error === 0) return;
    this.close();
    throw systemError(error, 'listen', { address, port });
  }

  protected override _makeTransport(protocol: StreamProtocol, server: TransportOwner) {
    return new TcpTransport(this._reactor, protocol, server, this.#settings);
  }

  protected override _place(): SystemErrorDetails {
    const name = this._wrap.getSocketName();
    return typeof name === 'number' ? {} : name;
  }
}
