/**
 * The connections of a server that is iterated over: `for await (const [reader, writer] of server)`.
 *
 * asyncio has nothing of the kind; trio's listeners and Go's Accept() are its models. Invariants: no more connections
 * wait here than the server's backlog, the others wait in the kernel's queue; what nobody takes is closed.
 */

import type { Scheduler } from '../core/scheduler.js';
import type { Connections, Server } from '../io/server.js';
import type { Transport } from '../io/transports.js';
import { Queue } from '../sync/queues.js';
import { StreamReaderProtocol } from './stream_protocol.js';
import { StreamReader } from './stream_reader.js';
import { StreamWriter } from './stream_writer.js';

/** The two ends of a stream. */
export type StreamPair = [reader: StreamReader, writer: StreamWriter];

type IterableServer = Pick<
  Server<unknown, StreamPair>,
  '_backlog' | '_iterateOver' | '_pauseAccepting' | '_resumeAccepting'
>;

export class Incoming implements Connections<StreamPair> {
  readonly #loop: Scheduler;
  readonly #limit: number;
  readonly #waiting = new Queue<StreamPair>();
  #server: IterableServer | null = null;
  /** How many iterations are under way. */
  #takers = 0;

  /** @param limit that of the readers */
  constructor(loop: Scheduler, limit: number) {
    this.#loop = loop;
    this.#limit = limit;
  }

  /** What the server makes for every connection. */
  makeProtocol(): StreamReaderProtocol {
    const reader = new StreamReader({ limit: this.#limit, loop: this.#loop });
    return new IncomingProtocol(reader, this.#loop, (writer) => {
      this.#waiting.putNowait([reader, writer]);
      this.#pauseIfFull();
    });
  }

  /** The server is there; connections may have come already. */
  serve(server: IterableServer): void {
    this.#server = server;
    server._iterateOver(this);
    this.#pauseIfFull();
  }

  /** Those that wait are still given to who iterates. */
  serverClosed(): void {
    this.#waiting.shutdown();
    if (this.#takers === 0) this.#closeWaiting();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamPair, void, undefined> {
    this.#takers++;
    try {
      for await (const pair of this.#waiting) {
        this.#resumeIfEmptied();
        yield pair;
      }
    } finally {
      this.#takers--;
      if (this.#takers === 0) this.#closeWaiting();
    }
  }

  #pauseIfFull(): void {
    const server = this.#server;
    if (server !== null && this.#waiting.qsize() >= server._backlog) server._pauseAccepting();
  }

  /** Half empty is soon enough: starting and stopping cost a system call each. */
  #resumeIfEmptied(): void {
    const server = this.#server;
    if (server !== null && this.#waiting.qsize() * 2 <= server._backlog) server._resumeAccepting();
  }

  #closeWaiting(): void {
    while (!this.#waiting.empty()) this.#waiting.getNowait()[1].close();
    this.#resumeIfEmptied();
  }
}

class IncomingProtocol extends StreamReaderProtocol {
  readonly #streamReader: StreamReader;
  readonly #connected: (writer: StreamWriter) => void;

  constructor(reader: StreamReader, loop: Scheduler, connected: (writer: StreamWriter) => void) {
    super(reader, null, { loop });
    this.#streamReader = reader;
    this.#connected = connected;
  }

  override connectionMade(transport: Transport): void {
    super.connectionMade(transport);
    this.#connected(new StreamWriter(transport, this, this.#streamReader, this._loop));
  }
}
