/**
 * TCP: transports of connections, and the listening sockets of servers.
 *
 * A connection's transport owns its native socket from the first attempt on; an attempt that fails or
 * is cancelled closes it. No-delay is set on every connection, as asyncio does.
 */

import { native } from '../binding/addon.js';
import {
  type SocketAddress,
  STREAM_CONNECTED,
  type StreamOwner,
  type TcpWrap,
} from '../binding/contract.js';
import type { TimerHandle } from '../core/events.js';
import { Future } from '../core/futures.js';
import {
  systemError,
  UV_EMFILE,
  UV_ENFILE,
  UV_ENOBUFS,
  UV_ENOMEM,
  UV_ENOTCONN,
} from '../util/system_error.js';
import type { ProtocolFactory, StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import { StreamTransport, type TransportOwner } from './stream_transport.js';
import type { TransportSocket } from './transports.js';

// How long a server that ran out of descriptors waits, as asyncio's ACCEPT_RETRY_DELAY.
const ACCEPT_RETRY_DELAY = 1000; // ms

class TcpSocket implements TransportSocket {
  readonly #wrap: TcpWrap;

  constructor(wrap: TcpWrap) {
    this.#wrap = wrap;
  }

  getsockname(): SocketAddress {
    return addressOrThrow(this.#wrap.getSocketName(), 'getsockname');
  }

  getpeername(): SocketAddress {
    return addressOrThrow(this.#wrap.getPeerName(), 'getpeername');
  }

  fileno(): number {
    return Math.max(this.#wrap.getDescriptor(), -1);
  }
}

function addressOrThrow(result: SocketAddress | number, syscall: string): SocketAddress {
  if (typeof result === 'number') throw systemError(result, syscall);
  // Another family than IP: a socket that is not ours to describe.
  return result ?? { address: '', port: 0, family: 'IPv4' };
}

/** A connection over TCP. */
export class TcpTransport extends StreamTransport {
  protected readonly _wrap: TcpWrap;
  #connecting: Future<void> | null = null;
  #peername: SocketAddress | undefined;
  #sockname: SocketAddress | undefined;

  constructor(reactor: Reactor, protocol: StreamProtocol, owner: TransportOwner | null) {
    super(reactor, protocol, owner);
    this._wrap = new native.TcpWrap(reactor.wrap, this);
  }

  override getExtraInfo(name: 'peername' | 'sockname'): SocketAddress;
  override getExtraInfo(name: 'socket'): TransportSocket;
  override getExtraInfo<D>(name: string, fallback?: D): unknown;
  override getExtraInfo(name: string, fallback?: unknown): unknown {
    if (name === 'peername') return this.#peername ?? this.#address('getPeerName') ?? fallback;
    if (name === 'sockname') return this.#sockname ?? this.#address('getSocketName') ?? fallback;
    if (name === 'socket') return new TcpSocket(this._wrap);
    return fallback;
  }

  /** Takes a connection from a listening socket. @internal */
  _accept(listener: TcpWrap): number {
    const error = listener.accept(this._wrap);
    return error < 0 ? error : this.#established();
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
      const failure = status < 0 ? status : this.#established();
      if (failure < 0) fail(failure, 'connect', remote);
      else connecting.setResult();
    };
    return connecting;
  }

  override onStreamEvent(event: number, status: number, size: number): void {
    if (event !== STREAM_CONNECTED) super.onStreamEvent(event, status, size);
    else if (this.#connecting !== null) (this.#connecting as Connecting).onConnected(status);
  }

  #established(): number {
    // A peer that has reset the connection already has no name; reading will tell.
    const error = this._wrap.setNoDelay(true);
    return error === UV_ENOTCONN ? 0 : Math.min(error, 0);
  }

  #address(method: 'getPeerName' | 'getSocketName'): SocketAddress | undefined {
    const result = this._wrap[method]();
    if (typeof result === 'number') return undefined;
    if (method === 'getPeerName') this.#peername = result;
    else this.#sockname = result;
    return result;
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
export class TcpListener implements StreamOwner {
  readonly socket: TransportSocket;
  readonly #reactor: Reactor;
  readonly #wrap: TcpWrap;
  readonly #factory: ProtocolFactory;
  readonly #server: TransportOwner & { _attach(transport: StreamTransport): void };
  #address: SocketAddress;
  #backlog = 0;
  #retry: TimerHandle | null = null;

  /** @throws a system error when the address cannot be bound */
  constructor(
    reactor: Reactor,
    factory: ProtocolFactory,
    server: TransportOwner & { _attach(transport: StreamTransport): void },
    address: SocketAddress,
    options: ListenOptions,
  ) {
    this.#reactor = reactor;
    this.#factory = factory;
    this.#server = server;
    this.#address = address;
    this.#wrap = new native.TcpWrap(reactor.wrap, this);
    this.socket = new TcpSocket(this.#wrap);
    const { address: host, port } = address;
    let error = this.#wrap.bind(host, port, options.ipv6Only, options.reusePort);
    if (error === 0) {
      // libuv keeps the news of a port in use to itself until the socket is used.
      const name = this.#wrap.getSocketName();
      if (typeof name === 'number') error = name;
      else this.#address = name;
    }
    if (error < 0) {
      this.close();
      throw systemError(error, 'listen', { address: host, port });
    }
  }

  /** @throws a system error, as EADDRINUSE when another socket listens by now */
  listen(backlog: number): void {
    this.#backlog = backlog;
    const error = this.#wrap.listen(backlog);
    if (error < 0) throw systemError(error, 'listen', this.#address);
  }

  close(): void {
    this.#retry?.cancel();
    this.#wrap.close();
  }

  onStreamEvent(_event: number, status: number): void {
    if (status < 0) this.#acceptFailed(status);
    else this.#accept();
  }

  onRead(): void {}

  onGetBuffer(): null {
    return null;
  }

  onBufferUpdated(): void {}

  #accept(): void {
    let transport: TcpTransport;
    try {
      transport = new TcpTransport(this.#reactor, this.#factory(), this.#server);
    } catch (exception) {
      // The connection is not taken, hence closed.
      this.#reactor.scheduler.callExceptionHandler({
        message: 'Error on transport creation for incoming connection',
        exception,
        socket: this.socket,
      });
      return;
    }
    const error = transport._accept(this.#wrap);
    this.#server._attach(transport);
    if (error < 0) transport.abort();
    else transport._start();
  }

  /** Connections wait in the kernel meanwhile; trying on at once would only spin. */
  #acceptFailed(status: number): void {
    const scheduler = this.#reactor.scheduler;
    // Before anybody is told, who may close the server or the loop.
    this.#retry = scheduler.callLater(ACCEPT_RETRY_DELAY, () => this.#wrap.listen(this.#backlog));
    const exhausted = [UV_EMFILE, UV_ENFILE, UV_ENOBUFS, UV_ENOMEM].includes(status);
    scheduler.callExceptionHandler({
      message: exhausted ? 'socket.accept() out of system resource' : 'Accept failed on a socket',
      exception: systemError(status, 'accept', this.#address),
      socket: this.socket,
    });
  }
}
