/**
 * The event loop: asyncio's AbstractEventLoop on a native libuv loop.
 *
 * Joins the scheduler (core), the reactor (io) and the native loop. Loops do not block: a loop turns
 * whenever it has work, and runForever() and runUntilComplete() are promises of when to go on.
 * Invariant: after close() nothing of the loop runs any more and its handles are gone.
 */

import { inspect } from 'node:util';
import type { NativeMetrics } from '../binding/contract.js';
import type { AbortOptions } from '../core/abort.js';
import { ensureFuture } from '../core/ensure_future.js';
import { InvalidStateError, RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { reportUnretrieved } from '../core/never_retrieved.js';
import { setLoopFactory } from '../core/running.js';
import type { TurnSource } from '../core/scheduler.js';
import type { TaskBody } from '../core/task_body.js';
import { createTask, type TaskFactory } from '../core/task_factory.js';
import type { Task, TaskOptions } from '../core/tasks.js';
import type { DescriptorSource } from '../io/descriptors.js';
import type { BaseProtocol, ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import { Reactor } from '../io/reactor.js';
import type { Server } from '../io/server.js';
import type { ReadTransport, Transport, WriteTransport } from '../io/transports.js';
import { checkFunction, checkOptions } from '../util/check.js';
import { closeAsyncgens } from './asyncgens.js';
import { type ConnectOptions, connect, type ServeOptions, serve } from './connections.js';
import { connectAccepted, connectRead, connectWrite } from './pipes.js';
import { SystemLoop } from './system_loop.js';
import { connectUnix, serveUnix, type UnixServeOptions } from './unix.js';

export class EventLoop extends SystemLoop {
  /** @internal */ override readonly _reactor: Reactor;
  protected override readonly _turns: TurnSource;
  #running: PromiseWithResolvers | null = null;
  #stopping = false;

  constructor() {
    super();
    this._reactor = new Reactor(this);
    this._turns = this._reactor.wrap;
    this._setClock(() => this._reactor.wrap.now());
  }

  createFuture<T = unknown>(): Future<T> {
    return new Future<T>({ loop: this });
  }

  createTask<T>(coro: TaskBody<T>, options?: Omit<TaskOptions, 'loop'>): Task<T> {
    this._checkClosed();
    checkOptions(options);
    return createTask(coro, { ...options, loop: this });
  }

  /**
   * Sets what makes the loop's tasks: `factory(loop, coro, options)`; null for Task itself.
   *
   * @throws TypeError
   */
  setTaskFactory(factory: TaskFactory | null): void {
    if (factory !== null) checkFunction('factory', factory);
    this._taskFactory = factory;
  }

  getTaskFactory(): TaskFactory | null {
    return this._taskFactory;
  }

  isRunning(): boolean {
    return this.#running !== null;
  }

  /** Runs until stop(): resolves when the batch in which stop() was called is over. */
  runForever(): Promise<void> {
    try {
      this._checkClosed();
      if (this.#running !== null) throw new RuntimeError('This event loop is already running');
    } catch (error) {
      return Promise.reject(error);
    }
    const running = withResolvers();
    this.#running = running;
    if (this.#stopping) this.#finishRun();
    return running.promise;
  }

  /**
   * Runs until `awaitable` is done, and gives its result: asyncio's run_until_complete.
   *
   * Rejects with RuntimeError when the loop is stopped before.
   */
  async runUntilComplete<T>(awaitable: PromiseLike<T> | TaskBody<T>): Promise<T> {
    this._checkClosed();
    if (this.#running !== null) throw new RuntimeError('This event loop is already running');
    const future: Future<T> =
      typeof awaitable === 'function'
        ? this.createTask(awaitable)
        : ensureFuture(awaitable, { loop: this });
    const stop = () => this.stop();
    future.addDoneCallback(stop);
    try {
      await this.runForever();
    } finally {
      future.removeDoneCallback(stop);
    }
    try {
      return future.result();
    } catch (error) {
      if (!(error instanceof InvalidStateError) || future.done()) throw error;
      throw new RuntimeError('Event loop stopped before Future completed.');
    }
  }

  /** Ends runForever() once the current batch is over; what it left scheduled still runs. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#running !== null) this.#finishRun();
  }

  /**
   * Closes every async generator of a `coroutine(async function* …)` that has begun on this loop and
   * has not ended: asyncio's shutdown_asyncgens. What their finally blocks throw is reported.
   *
   * @returns a task that is done when all are closed
   * @throws RuntimeError when the loop is closed
   */
  shutdownAsyncgens(): Task<void> {
    return this.createTask(() => closeAsyncgens(this));
  }

  /**
   * Closes the loop: drops what is scheduled, closes every socket without further callbacks.
   * Closing again does nothing.
   *
   * @throws RuntimeError while the loop is running
   */
  close(): void {
    if (this.isClosed()) return;
    if (this.#running !== null) {
      throw new RuntimeError('Cannot close a running event loop');
    }
    reportUnretrieved(this);
    this._closeScheduler();
    this._reactor.wrap.close();
  }

  /**
   * Listens on `host` and `port`, and makes a protocol for every connection.
   *
   * @param host a name, an address, a list of them, or null for all interfaces
   * @param port 0 for any free one
   * @returns a future of the Server
   */
  createServer<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    host?: string | readonly string[] | null,
    port?: number,
    options?: ServeOptions,
  ): Future<Server> {
    return serve(this, protocolFactory, host ?? null, port ?? 0, options);
  }

  /**
   * Connects to `host` and `port`.
   *
   * @returns a future of `[transport, protocol]`; cancelling it gives the attempt up
   */
  createConnection<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    host: string,
    port: number,
    options?: ConnectOptions,
  ): Future<[Transport, P]> {
    return connect(this, protocolFactory, host, port, options);
  }

  /**
   * Listens on a unix socket, and makes a protocol for every connection. A stale socket in its place is
   * removed first.
   *
   * @param path a path, or a name that begins with a zero byte (Linux's abstract ones)
   * @returns a future of the Server, which removes the socket's file when it is closed
   */
  createUnixServer<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    path: string | Uint8Array | URL,
    options?: UnixServeOptions,
  ): Future<Server<string>> {
    return serveUnix(this, protocolFactory, path, options);
  }

  /**
   * Connects to a unix socket; tries again while the server's queue is full.
   *
   * @returns a future of `[transport, protocol]`; cancelling it gives the attempt up
   */
  createUnixConnection<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    path: string | Uint8Array | URL,
    options?: AbortOptions,
  ): Future<[Transport<string>, P]> {
    return connectUnix(this, protocolFactory, path, options);
  }

  /**
   * Reads from one end of a pipe, a FIFO, a socket or a terminal, which becomes non-blocking. The
   * transport owns `pipe` and closes it.
   *
   * @param pipe a file descriptor, or an object with one as its `fd` (a FileHandle, process.stdin …)
   */
  connectReadPipe<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    pipe: DescriptorSource,
    options?: AbortOptions,
  ): Future<[ReadTransport<string>, P]> {
    return connectRead(this, protocolFactory, pipe, options);
  }

  /** Writes to one end of a pipe, a FIFO, a socket or a terminal; as connectReadPipe(). */
  connectWritePipe<P extends BaseProtocol>(
    protocolFactory: () => P,
    pipe: DescriptorSource,
    options?: AbortOptions,
  ): Future<[WriteTransport<string>, P]> {
    return connectWrite(this, protocolFactory, pipe, options);
  }

  /**
   * Makes a transport of a connected stream socket that was accepted, or made, outside of the loop. The
   * transport owns `socket` and closes it.
   *
   * @param socket a file descriptor, or an object with one as its `fd`
   */
  connectAcceptedSocket<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    socket: DescriptorSource,
    options?: AbortOptions,
  ): Future<[Transport | Transport<string>, P]> {
    return connectAccepted(this, protocolFactory, socket, options);
  }

  /** Counts and durations of the native loop; undefined once closed. */
  metrics(): NativeMetrics | undefined {
    return this.isClosed() ? undefined : this._reactor.metrics();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  override toString(): string {
    return `<EventLoop running=${this.isRunning()} closed=${this.isClosed()} debug=${this.getDebug()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #finishRun(): void {
    // Behind everything that is ready now, so that the batch is whole.
    this._enqueue({
      run: () => {
        const running = this.#running;
        this.#running = null;
        this.#stopping = false;
        running?.resolve();
      },
    });
  }
}

interface PromiseWithResolvers {
  promise: Promise<void>;
  resolve: () => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((accept) => {
    resolve = accept;
  });
  return { promise, resolve };
}

setLoopFactory(() => new EventLoop());
