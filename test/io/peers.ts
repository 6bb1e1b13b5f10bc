/**
 * What the socket tests are made of: a loop for one test, protocols that write down what happened to
 * them, and peers on node:net.
 *
 * Nothing here sleeps: whatever is awaited is an event. A test that expects no report to the
 * exception handler fails when there was one; one that does takes it with `reports.splice(0)`.
 */

import { deepEqual } from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  BufferedProtocol,
  type EventLoop,
  type ExceptionContext,
  newEventLoop,
  Protocol,
  type ProtocolFactory,
  type ServeOptions,
  type Server,
  type SocketAddress,
  type SystemError,
  type Transport,
} from 'uvio';

/** Runs `body` with a loop of its own, closed at the end; unexpected reports fail the test. */
export async function withLoop<T>(
  body: (loop: EventLoop, reports: ExceptionContext[]) => Promise<T>,
): Promise<T> {
  const loop = newEventLoop();
  const reports: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => reports.push(context));
  try {
    const result = await body(loop, reports);
    deepEqual(
      reports.map((report) => [report.message, String(report.exception)]),
      [],
    );
    return result;
  } finally {
    loop.close();
  }
}

/** As withLoop, with a server on loopback, which is closed with its connections. */
export function withServer<T>(
  factory: ProtocolFactory,
  body: (on: ServerContext) => Promise<T>,
  options?: ServeOptions,
): Promise<T> {
  return withLoop(async (loop, reports) => {
    const server = await loop.createServer(factory, '127.0.0.1', 0, options);
    try {
      return await body({ loop, reports, server, port: portOf(server) });
    } finally {
      server.close();
      server.abortClients();
      await server.waitClosed();
    }
  });
}

export interface ServerContext {
  loop: EventLoop;
  reports: ExceptionContext[];
  server: Server;
  port: number;
}

export function portOf<C>(server: Server<SocketAddress, C>): number {
  return server.sockets[0]?.getsockname().port as number;
}

/** A promise with its resolve function. */
export class Deferred<T> {
  resolve!: (value: T) => void;
  readonly promise = new Promise<T>((resolve) => {
    this.resolve = resolve;
  });
}

/** What a Recorder does besides writing down. */
export interface Hooks {
  connectionMade?(transport: Transport): void;
  dataReceived?(data: Buffer, transport: Transport): void;
  // biome-ignore lint/suspicious/noConfusingVoidType: as in Protocol
  eofReceived?(transport: Transport): boolean | void;
  pauseWriting?(transport: Transport): void;
  resumeWriting?(transport: Transport): void;
  connectionLost?(exception: Error | null, transport: Transport): void;
}

/** Counts bytes and lets a test wait for a number of them. */
export class Inbox {
  chunks: Buffer[] = [];
  size = 0;
  #waiting: { size: number; done: Deferred<void> }[] = [];

  push(data: Buffer): void {
    this.chunks.push(data);
    this.size += data.length;
    for (const one of this.#waiting) if (one.size <= this.size) one.done.resolve();
  }

  /** Done when this many bytes have arrived in all. */
  async has(size: number): Promise<void> {
    if (this.size >= size) return;
    const done = new Deferred<void>();
    this.#waiting.push({ size, done });
    await done.promise;
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  text(): string {
    return this.bytes().toString('latin1');
  }
}

/** A protocol that writes down every call. */
export class Recorder extends Protocol {
  readonly events: string[] = [];
  readonly inbox = new Inbox();
  transport!: Transport;
  readonly #hooks: Hooks;
  readonly #made = new Deferred<Transport>();
  readonly #lost = new Deferred<Error | null>();
  readonly #ended = new Deferred<void>();
  readonly made = this.#made.promise;
  /** What connectionLost was called with. */
  readonly lost = this.#lost.promise;
  readonly ended = this.#ended.promise;

  constructor(hooks: Hooks = {}) {
    super();
    this.#hooks = hooks;
  }

  override connectionMade(transport: Transport): void {
    this.events.push('connectionMade');
    this.transport = transport;
    this.#made.resolve(transport);
    this.#hooks.connectionMade?.(transport);
  }

  override dataReceived(data: Buffer): void {
    if (this.events.at(-1) !== 'dataReceived') this.events.push('dataReceived');
    this.inbox.push(data);
    this.#hooks.dataReceived?.(data, this.transport);
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: as in Protocol
  override eofReceived(): boolean | void {
    this.events.push('eofReceived');
    this.#ended.resolve();
    return this.#hooks.eofReceived?.(this.transport);
  }

  override pauseWriting(): void {
    this.events.push('pauseWriting');
    this.#hooks.pauseWriting?.(this.transport);
  }

  override resumeWriting(): void {
    this.events.push('resumeWriting');
    this.#hooks.resumeWriting?.(this.transport);
  }

  override connectionLost(exception: Error | null): void {
    this.events.push('connectionLost');
    this.#lost.resolve(exception);
    this.#hooks.connectionLost?.(exception, this.transport);
  }
}

/** Sends back what it gets. */
export class Echo extends Protocol {
  protected transport!: Transport;

  override connectionMade(transport: Transport): void {
    this.transport = transport;
  }

  override dataReceived(data: Buffer): void {
    this.transport.write(data);
  }
}

/** Sends back what it gets, read into memory that it shares with others. */
export class BufferedEcho extends BufferedProtocol {
  protected transport!: Transport;
  readonly #memory: Uint8Array;

  constructor(memory: Uint8Array = Buffer.alloc(64 * 1024)) {
    super();
    this.#memory = memory;
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport;
  }

  override getBuffer(): Uint8Array {
    return this.#memory;
  }

  override bufferUpdated(size: number): void {
    this.transport.write(this.#memory.subarray(0, size));
  }
}

/** A node:net client that collects what it receives. */
export class Peer {
  readonly inbox = new Inbox();
  readonly ended: Promise<unknown>;
  /** Done when the socket is closed, with the error that closed it. */
  readonly closed: Promise<Error | null>;

  constructor(readonly socket: Socket) {
    let failure: Error | null = null;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('data', (data: Buffer) => this.inbox.push(data));
    this.ended = new Promise((resolve) => socket.once('end', resolve));
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(failure)));
  }

  static async connect(port: number, options?: { allowHalfOpen?: boolean }): Promise<Peer> {
    const socket = connect({ port, host: '127.0.0.1', ...options });
    const peer = new Peer(socket);
    await once(socket, 'connect');
    return peer;
  }

  /** Sends, and waits for an answer of the same size. */
  async ask(data: string): Promise<string> {
    const before = this.inbox.size;
    this.socket.write(data, 'latin1');
    await this.inbox.has(before + data.length);
    return this.inbox.bytes().toString('latin1', before);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

export function sha256(data: Uint8Array | Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of Array.isArray(data) ? data : [data]) hash.update(part);
  return hash.digest('hex');
}

/** Random bytes, also above the limit of one call. */
export function randomData(size: number): Buffer {
  return randomBytes(size);
}

/** What happens to a connection attempt: 'connected', or the error's code. */
export function attempt(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('connect', () => {
      socket.destroy();
      socket.on('close', () => resolve('connected'));
    });
    socket.on('error', (error: SystemError) => resolve(error.code));
  });
}

/** What a server and a client made of `loop` see of one connection: server's side first. */
export async function connectPair(
  on: ServerContext,
  made: Recorder[],
  client: Recorder = new Recorder(),
): Promise<[server: Recorder, client: Recorder]> {
  const before = made.length;
  await on.loop.createConnection(() => client, '127.0.0.1', on.port);
  while (made.length === before) await new Promise(setImmediate);
  const server = made[before] as Recorder;
  await server.made;
  return [server, client];
}
