/**
 * A listening socket of a server: accepts connections and starts their transports.
 *
 * Answers to asyncio's _start_serving and _accept_connection. Out of descriptors, it leaves connections
 * in the kernel's queue, says so, and tries again after a second. Each family adds how it binds.
 */

import type { LoopWrap, SocketWrap, StreamOwner } from '../binding/contract.js';
import type { TimerHandle } from '../core/events.js';
import {
  type SystemErrorDetails,
  systemError,
  UV_EMFILE,
  UV_ENFILE,
  UV_ENOBUFS,
  UV_ENOMEM,
} from '../util/system_error.js';
import { checkDescriptor, type DescriptorSource, ownerOf, takeOver } from './descriptors.js';
import { publishServerSocket } from './diagnostics.js';
import { NativeSocket } from './native_socket.js';
import type { ProtocolFactory, StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import type { SocketTransport } from './socket_transport.js';
import type { StreamTransport, TransportOwner } from './stream_transport.js';
import type { TransportSocket } from './transports.js';

// How long a server that ran out of descriptors waits, as asyncio's ACCEPT_RETRY_DELAY.
const ACCEPT_RETRY_DELAY = 1000; // ms

/** The server, as its listening sockets see it. */
export interface ListenerOwner extends TransportOwner {
  _attach(transport: StreamTransport<unknown>): void;
}

export abstract class Listener<A, W extends SocketWrap<A> = SocketWrap<A>> implements StreamOwner {
  readonly socket: TransportSocket<A>;
  protected readonly _reactor: Reactor;
  protected readonly _wrap: W;
  readonly #factory: ProtocolFactory;
  readonly #server: ListenerOwner;
  /** What closes the socket that was adopted, if that is an object. */
  #adopted: TransportOwner | null = null;
  #backlog = 0;
  #paused = false;
  #retry: TimerHandle | null = null;

  constructor(
    reactor: Reactor,
    factory: ProtocolFactory,
    server: ListenerOwner,
    Wrap: new (loop: LoopWrap, owner: StreamOwner) => W,
  ) {
    this._reactor = reactor;
    this.#factory = factory;
    this.#server = server;
    this._wrap = new Wrap(reactor.wrap, this);
    this.socket = new NativeSocket(this._wrap);
  }

  protected abstract _makeTransport(
    protocol: StreamProtocol,
    server: TransportOwner,
  ): SocketTransport<A>;

  /**
   * Listens on a socket that the caller has made, in place of binding one. Closed when that fails.
   *
   * @param check throws for what it must not be
   */
  adopt(source: DescriptorSource, check: (source: DescriptorSource) => unknown): void {
    try {
      check(source);
      const error = this._wrap.adopt(checkDescriptor('sock', source));
      if (error < 0) throw systemError(error, 'open');
    } catch (error) {
      this.close();
      throw error;
    }
    takeOver(this._wrap, source, this);
    this.#adopted = ownerOf(this._reactor, source);
  }

  /** Where it listens, for errors. */
  protected abstract _place(): SystemErrorDetails;

  /** @throws a system error, as EADDRINUSE when another socket listens by now */
  listen(backlog: number): void {
    this.#backlog = backlog;
    const error = this._wrap.listen(backlog);
    if (error < 0) throw systemError(error, 'listen', this._place());
  }

  /** Leaves connections in the kernel's queue until resume(). */
  pause(): void {
    this.#paused = true;
    this._wrap.listenStop();
  }

  resume(): void {
    this.#paused = false;
    this._wrap.listen(this.#backlog);
  }

  close(): void {
    this.#retry?.cancel();
    this._wrap.close();
    this.#adopted?._detach(this);
    this.#adopted = null;
  }

  toString(): string {
    return `<${this.constructor.name} fd=${this.socket.fileno()}>`;
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
    let transport: SocketTransport<A>;
    try {
      transport = this._makeTransport(this.#factory(), this.#server);
    } catch (exception) {
      // The connection is not taken, hence closed.
      this._reactor.scheduler.callExceptionHandler({
        message: 'Error on transport creation for incoming connection',
        exception,
        socket: this.socket,
      });
      return;
    }
    const error = transport._accept(this._wrap);
    this.#server._attach(transport);
    if (error < 0) {
      transport.abort();
      return;
    }
    publishServerSocket(transport);
    transport._start();
  }

  /** Connections wait in the kernel meanwhile; trying on at once would only spin. */
  #acceptFailed(status: number): void {
    const scheduler = this._reactor.scheduler;
    // Before anybody is told, who may close the server or the loop.
    this.#retry = scheduler.callLater(ACCEPT_RETRY_DELAY, () => {
      if (!this.#paused) this.resume();
    });
    const exhausted = [UV_EMFILE, UV_ENFILE, UV_ENOBUFS, UV_ENOMEM].includes(status);
    scheduler.callExceptionHandler({
      message: exhausted ? 'socket.accept() out of system resource' : 'Accept failed on a socket',
      exception: systemError(status, 'accept', this._place()),
      socket: this.socket,
    });
  }
}
