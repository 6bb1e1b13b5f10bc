/**
 * A server: its listening sockets and the connections that came through them. asyncio.Server.
 *
 * close() stops listening and leaves connections alone, or gives them a time to end; waitClosed() is done
 * when the server is closed and its last connection has gone. `A` is what its addresses look like, `C` what it
 * gives to `for await`, which only a server can that was made without a callback: see startServer().
 */

import { inspect } from 'node:util';
import type { SocketAddress } from '../binding/contract.js';
import type { TimerHandle } from '../core/events.js';
import { CancelledError, RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { markOfLibrary } from '../core/leftovers.js';
import type { Scheduler } from '../core/scheduler.js';
import { finishedEmpty } from '../core/settled.js';
import { Task } from '../core/tasks.js';
import { checkDuration, checkOptions } from '../util/check.js';
import { showAddress } from './addresses.js';
import { publishListenEnd, publishListenError } from './diagnostics.js';
import type { Listener, ListenerOwner } from './listener.js';
import type { StreamTransport } from './stream_transport.js';
import type { TlsProtocol } from './tls_protocol.js';
import type { TransportSocket } from './transports.js';

/** What close() takes. */
export interface CloseOptions {
  /** Milliseconds for the connections to end by themselves; then they are aborted. */
  graceMs?: number;
}

/** What came through a server and nobody has taken. */
export interface Connections<C> extends AsyncIterable<C> {
  /** The server accepts no more. */
  serverClosed(): void;
}

/** Accepts connections and knows them: asyncio.Server. createServer(), startServer() and their like return it. */
export class Server<A = SocketAddress, C = never> implements ListenerOwner, AsyncIterable<C> {
  readonly #loop: Scheduler;
  readonly #backlog: number;
  #listeners: Listener<A>[] | null = [];
  readonly #transports = new Set<StreamTransport<unknown>>();
  #serving = false;
  #servingForever: Future<void> | null = null;
  #waiters: Future<void>[] | null = [];
  #grace: TimerHandle | null = null;
  #connections: Connections<C> | null = null;
  #acceptingPaused = false;

  /** Made by createServer only. @internal */
  constructor(loop: Scheduler, backlog: number) {
    this.#loop = loop;
    this.#backlog = backlog;
  }

  /** @internal */
  _adopt(listener: Listener<A>): void {
    this.#listeners?.push(listener);
  }

  /** @internal */
  _attach(transport: StreamTransport<unknown>): void {
    this.#transports.add(transport);
    this.#loop._logLife('debug', () => {
      const peer = showAddress(transport.getExtraInfo('peername'));
      return `${this} got a new connection from ${peer}: ${transport}`;
    });
  }

  /** @internal */
  _detach(transport: object): void {
    this.#transports.delete(transport as StreamTransport<unknown>);
    this.#wakeIfDone();
  }

  /** @internal */
  get _backlog(): number {
    return this.#backlog;
  }

  /** @internal */
  _iterateOver(connections: Connections<C>): void {
    this.#connections = connections;
  }

  /** Leaves connections in the kernel's queue. @internal */
  _pauseAccepting(): void {
    if (this.#acceptingPaused) return;
    this.#acceptingPaused = true;
    for (const listener of this.#listeners ?? []) listener.pause();
  }

  /** @internal */
  _resumeAccepting(): void {
    if (!this.#acceptingPaused) return;
    this.#acceptingPaused = false;
    for (const listener of this.#listeners ?? []) listener.resume();
  }

  /**
   * The connections as they come, until the server is closed. Leaving the loop early closes those that nobody took.
   *
   * @throws RuntimeError when the server hands its connections to protocols, or to a callback
   */
  [Symbol.asyncIterator](): AsyncIterator<C> {
    if (this.#connections === null) {
      throw new RuntimeError(
        `${this} has a callback: only what startServer(null, …) made can be iterated`,
      );
    }
    return this.#connections[Symbol.asyncIterator]();
  }

  /** The loop it belongs to. */
  getLoop(): Scheduler {
    return this.#loop;
  }

  /** The listening sockets; empty once closed. */
  get sockets(): readonly TransportSocket<A>[] {
    return (this.#listeners ?? []).map((listener) => listener.socket);
  }

  /** Whether it accepts connections. */
  isServing(): boolean {
    return this.#serving;
  }

  /** @internal */
  _listen(): void {
    this.#loop._checkClosed();
    if (this.#listeners === null) throw new RuntimeError(`server ${this} is closed`);
    if (this.#serving) return;
    try {
      for (const listener of this.#listeners) listener.listen(this.#backlog);
    } catch (error) {
      publishListenError(this, error);
      throw error;
    }
    this.#serving = true;
    publishListenEnd(this);
  }

  /** Starts accepting, for a server made with {startServing: false}. */
  async startServing(): Promise<void> {
    this._listen();
  }

  /** Accepts until the server is closed or the future cancelled; cancelling closes the server. */
  serveForever(): Future<never> {
    const serving = new Task<never>(() => this.#serve(), { loop: this.#loop, eagerStart: true });
    return markOfLibrary(serving);
  }

  /**
   * Stops listening. Connections stay, with {graceMs} for so long; it may be told later, by a second call.
   *
   * @throws TypeError or RangeError
   */
  close(options?: CloseOptions): void {
    checkOptions(options);
    const graceMs = options?.graceMs;
    if (graceMs !== undefined) checkDuration('graceMs', graceMs);
    this.#stopListening();
    if (graceMs === undefined || this.#transports.size === 0 || this.#loop.isClosed()) return;
    this.#grace?.cancel();
    this.#grace = this.#loop.callLater(graceMs, () => this.abortClients());
  }

  /** Closes every connection once what it has written has left. */
  closeClients(): void {
    for (const transport of [...this.#transports]) {
      // TLS says goodbye first.
      const protocol = transport.getProtocol();
      if (isTls(protocol)) protocol.transport.close();
      else transport.close();
    }
  }

  /** Closes every connection at once. */
  abortClients(): void {
    for (const transport of [...this.#transports]) transport.abort();
  }

  /** Done when the server is closed and no connection is left. */
  waitClosed(): Future<void> {
    if (this.#waiters === null) return finishedEmpty(this.#loop);
    const waiter = new Future<void>({ loop: this.#loop });
    this.#waiters.push(waiter);
    return waiter;
  }

  /** close(), the end of its connections, and waitClosed(). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.waitClosed();
  }

  toString(): string {
    const addresses = this.sockets.map((socket) => showAddress(socket.getsockname()));
    return `<Server sockets=(${addresses.join(', ')})>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  #stopListening(): void {
    const listeners = this.#listeners;
    if (listeners === null) return;
    this.#listeners = null;
    this.#serving = false;
    for (const listener of listeners) listener.close();
    this.#connections?.serverClosed();
    this.#servingForever?.cancel();
    this.#servingForever = null;
    this.#wakeIfDone();
  }

  async #serve(): Promise<never> {
    if (this.#servingForever !== null) {
      throw new RuntimeError(`server ${this} is already being awaited on serveForever()`);
    }
    this._listen();
    const forever = new Future<void>({ loop: this.#loop });
    this.#servingForever = forever;
    try {
      await forever;
    } catch (error) {
      if (error instanceof CancelledError) {
        this.close();
        // Nobody is left who could end them, and waitClosed() waits for them.
        this.closeClients();
        await this.waitClosed();
      }
      throw error;
    } finally {
      this.#servingForever = null;
    }
    throw new RuntimeError('serveForever() ended without being cancelled');
  }

  #wakeIfDone(): void {
    if (this.#listeners !== null || this.#transports.size > 0 || this.#waiters === null) return;
    this.#grace?.cancel();
    const waiters = this.#waiters;
    this.#waiters = null;
    for (const waiter of waiters) if (!waiter.done()) waiter.setResult();
  }
}

/** By its method: the package loads the class with a program's first TLS. */
function isTls(protocol: object): protocol is TlsProtocol {
  return '_ciphertext' in protocol;
}
