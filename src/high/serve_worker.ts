/**
 * ServeWorker: what the program of a supervisor's worker is called with.
 *
 * asyncio has no supervisor; gunicorn's and nginx's workers, which inherit listening sockets, are the models. Invariant:
 * the sockets stay the supervisor's. A worker's server accepts from duplicates, so that what waits in their
 * queues when it ends is there for the next one.
 */

import { CancelledError, RuntimeError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import type { DescriptorObject } from '../io/descriptors.js';
import type { ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import type { Server } from '../io/server.js';
import { getEventLoop } from '../loop/current.js';
import type { ServeOptions } from '../loop/serving.js';
import type { ClientConnectedCallback } from './stream_protocol.js';
import { type StartServerOptions, startServer } from './streams.js';

type FromSupervisor = 'sock' | 'startServing' | 'reuseAddress' | 'reusePort' | 'ipv6Only';

/** As createServer() takes them, less what the supervisor has decided by binding the sockets: `sock`, `startServing`, `reuseAddress`, `reusePort`, `ipv6Only`. */
export type WorkerServerOptions = Omit<ServeOptions, FromSupervisor>;

/** As startServer() takes them, less what WorkerServerOptions lacks. */
export type WorkerStreamOptions = Omit<StartServerOptions, FromSupervisor>;

/** A duplicate is what the server closes, and not this. */
class BorrowedSocket implements DescriptorObject {
  constructor(readonly fd: number) {}

  close(): void {}
}

/** What the default export of a worker's module is given by serve(): its share of the listening sockets. */
export class ServeWorker {
  /** Which of the supervisor's workers it is, from 0; the next one in its place has the same. */
  readonly index: number;
  /** The `workerData` of the supervisor's `workerOptions`. */
  readonly data: unknown;
  readonly #descriptors: readonly number[];
  readonly #serving: () => void;
  readonly #ending = new AbortController();
  #starting: Future<Server> | null = null;
  #server: Server | null = null;

  /** @internal */
  constructor(index: number, data: unknown, descriptors: readonly number[], serving: () => void) {
    this.index = index;
    this.data = data;
    this.#descriptors = descriptors;
    this.#serving = serving;
  }

  /** Aborted when the worker accepts no more: what its connections do may come to an end. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /**
   * Accepts on the supervisor's sockets, and makes a protocol for every connection: loop.createServer().
   *
   * @returns a future of the Server
   * @throws TypeError or RangeError, or RuntimeError when the worker has a server
   */
  createServer<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    options?: WorkerServerOptions,
  ): Future<Server> {
    return this.#serve((given) =>
      getEventLoop().createServer(protocolFactory, null, null, { ...options, ...given }),
    );
  }

  /** As createServer(), with a callback for every connection's reader and writer: startServer(). */
  startServer(
    clientConnectedCb: ClientConnectedCallback,
    options?: WorkerStreamOptions,
  ): Future<Server> {
    return this.#serve((given) =>
      startServer(clientConnectedCb, null, null, { ...options, ...given }),
    );
  }

  /**
   * Accepts no more; connections may end by themselves for so many milliseconds. Told again, it has another time.
   *
   * @param drained called when the last of them has ended
   * @internal
   */
  _drain(timeout: number, drained: () => void): void {
    this.#ending.abort();
    const server = this.#server;
    if (server === null) {
      drained();
      return;
    }
    server.close(timeout === Number.POSITIVE_INFINITY ? {} : { graceMs: timeout });
    server.waitClosed().addDoneCallback(drained);
  }

  /** @internal */
  get _hasServer(): boolean {
    return this.#starting !== null;
  }

  #serve(start: (given: ServeOptions) => Future<Server>): Future<Server> {
    if (this.#starting !== null) {
      throw new RuntimeError('a worker has one server, and this one has it');
    }
    if (this.signal.aborted) throw new CancelledError('the worker is to end');
    const sock = this.#descriptors.map((descriptor) => new BorrowedSocket(descriptor));
    const starting = start({ sock, startServing: true });
    this.#starting = starting;
    starting.addDoneCallback(() => {
      if (starting.cancelled() || starting.exception() !== null) {
        this.#starting = null;
      } else {
        this.#server = starting.result();
        this.#serving();
      }
    });
    return starting;
  }
}
