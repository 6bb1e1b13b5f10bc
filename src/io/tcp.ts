/**
 * TCP: transports of connections, and the listening sockets of servers.
 *
 * A connection's transport owns its native socket from the first attempt on; an attempt that fails or
 * is cancelled closes it. No-delay is set on every connection, as asyncio does.
 */

import { native } from '../binding/addon.js';
import { type SocketAddress, STREAM_CONNECTED, type TcpWrap } from '../binding/contract.js';
import { Future } from '../core/futures.js';
import { type SystemErrorDetails, systemError, UV_ENOTCONN } from '../util/system_error.js';
import { Listener, type ListenerOwner } from './listener.js';
import type { ProtocolFactory, StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import { SocketTransport } from './socket_transport.js';
import type { TransportOwner } from './stream_transport.js';

/** A connection over TCP. */
export class TcpTransport extends SocketTransport {
  protected readonly _wrap: TcpWrap;
  #connecting: Future<void> | null = null;

  constructor(reactor: Reactor, protocol: StreamProtocol, owner: TransportOwner | null) {
    super(reactor, protocol, owner);
    this._wrap = new native.TcpWrap(reactor.wrap, this);
  }

  /** Connects; the future fails with the system's error. @internal */
  _connect(remote: SocketAddress, local: SocketAddress | null): Future<void> {
    const connecting = new Connecting(this._reactor, () => this._wrap.close());
    const fail = (errno: number, syscall: string, at: SocketAddress) => {
      this._wrap.close();
      connecting._fail(systemError(errno, syscall, { address: at.address, port: at.port }));
    };
    if (local !== null) {
      const error = this._wrap.bind(local.address, local.port, false, false);
      if (error < 0) {
        fail(error, 'bind', local);
        return connecting;
      }
    }
    const error = this._wrap.connect(remote.address, remote.port);
    if (error < 0) {
      fail(error, 'connect', remote);
      return connecting;
    }
    this.#connecting = connecting;
    connecting.onConnected = (status) => {
      this.#connecting = null;
      const failure = status < 0 ? status : this._established();
      if (failure < 0) fail(failure, 'connect', remote);
      else connecting.setResult();
    };
    return connecting;
  }

  /** @internal */
  _setNoDelay(enable: boolean): void {
    this._wrap.setNoDelay(enable);
  }

  /** @internal */
  _setKeepAlive(enable: boolean, delaySeconds: number): void {
    this._wrap.setKeepAlive(enable, delaySeconds);
  }

  override onStreamEvent(event: number, status: number, size: number): void {
    if (event !== STREAM_CONNECTED) super.onStreamEvent(event, status, size);
    else if (this.#connecting !== null) (this.#connecting as Connecting).onConnected(status);
  }

  protected override _established(): number {
    // A peer that has reset the connection already has no name; reading will tell.
    const error = this._wrap.setNoDelay(true);
    return error === UV_ENOTCONN ? 0 : Math.min(error, 0);
  }
}

class Connecting extends Future<void> {
  onConnected: (status: number) => void = () => {};
  readonly #giveUp: () => void;

  constructor(reactor: Reactor, giveUp: () => void) {
    super({ loop: reactor.scheduler });
    this.#giveUp = giveUp;
  }

  override cancel(message?: unknown): boolean {
    if (!super.cancel(message)) return false;
    this.#giveUp();
    return true;
  }
}

export interface ListenOptions {
  ipv6Only: boolean;
  reusePort: boolean;
}

/** A socket that is bound, and listens once told to. */
export class TcpListener extends Listener<SocketAddress, TcpWrap> {
  #address: SocketAddress;

  /** @throws a system error when the address cannot be bound */
  constructor(
    reactor: Reactor,
    factory: ProtocolFactory,
    server: ListenerOwner,
    address: SocketAddress,
    options: ListenOptions,
  ) {
    super(reactor, factory, server, native.TcpWrap);
    this.#address = address;
    const { address: host, port } = address;
    let error = this._wrap.bind(host, port, options.ipv6Only, options.reusePort);
    if (error === 0) {
      // libuv keeps the news of a port in use to itself until the socket is used.
      const name = this._wrap.getSocketName();
      if (typeof name === 'number') error = name;
      else this.#address = name;
    }
    if (error < 0) {
      this.close();
      throw systemError(error, 'listen', { address: host, port });
    }
  }

  protected override _makeTransport(protocol: StreamProtocol, server: TransportOwner) {
    return new TcpTransport(this._reactor, protocol, server);
  }

  protected override _place(): SystemErrorDetails {
    return this.#address;
  }
}
