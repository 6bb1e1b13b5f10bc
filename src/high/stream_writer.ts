/**
 * StreamWriter: asyncio's, the writing end of a stream, with drain() to keep pace with the peer.
 *
 * A thin layer: it writes to its transport at once, and asks its protocol when writing may go on.
 */

import { inspect } from 'node:util';
import type { SocketAddress } from '../binding/contract.js';
import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { checkLoop } from '../core/check_loop.js';
import { type Future, isFuture } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { failed } from '../core/settled.js';
import {
  type SslContext,
  type SslTimeouts,
  type StartTlsOptions,
  startTlsSettings,
} from '../io/tls_options.js';
import type { Transport, TransportSocket, WriteData } from '../io/transports.js';
import type { EventLoop } from '../loop/event_loop.js';
import { typeError } from '../util/check.js';
import { type Awaitable, StreamFlowControl } from './stream_flow_control.js';
import { StreamReader } from './stream_reader.js';

/** What startTls() takes. */
export interface WriterStartTlsOptions extends SslTimeouts, AbortOptions {
  /** The name that the server's certificate must have; '' for none at all. */
  serverHostname?: string | undefined;
}

/** Writes a stream, with flow control by await: asyncio.StreamWriter. */
export class StreamWriter {
  #transport: Transport;
  readonly #protocol: StreamFlowControl;
  readonly #reader: StreamReader | null;
  readonly #loop: Scheduler;

  /**
   * Made by openConnection() and startServer(); by hand for another transport, whose protocol is a StreamReaderProtocol.
   *
   * @throws TypeError
   */
  constructor(
    transport: Transport,
    protocol: StreamFlowControl,
    reader: StreamReader | null,
    loop: Scheduler,
  ) {
    if (!(protocol instanceof StreamFlowControl)) {
      throw typeError('protocol', 'a StreamReaderProtocol', protocol);
    }
    if (reader !== null && !(reader instanceof StreamReader)) {
      throw typeError('reader', 'a StreamReader or null', reader);
    }
    checkLoop(loop);
    this.#transport = transport;
    this.#protocol = protocol;
    this.#reader = reader;
    this.#loop = loop;
  }

  /** What it writes to. */
  get transport(): Transport {
    return this.#transport;
  }

  /**
   * Sends `data`, or queues it; follow it by `await writer.drain()`.
   *
   * @throws TypeError, or RuntimeError after writeEof()
   */
  write(data: WriteData): void {
    this.#transport.write(data);
  }

  /** As write() of each. */
  writelines(list: Iterable<WriteData>): void {
    this.#transport.writelines(list);
  }

  /** Ends the sending half, once what was written has left. */
  writeEof(): void {
    this.#transport.writeEof();
  }

  /** Whether writeEof() is possible. */
  canWriteEof(): boolean {
    return this.#transport.canWriteEof();
  }

  /** Sends what is queued, then closes both halves. */
  close(): void {
    this.#transport.close();
  }

  /** Whether it is closed, or about to be. */
  isClosing(): boolean {
    return this.#transport.isClosing();
  }

  /**
   * Waits until the connection is gone.
   *
   * @returns a future; it fails with the error that ended the connection
   */
  waitClosed(options?: AbortOptions): Future<void> {
    checkAbortOptions(options);
    return cancelOnAbort(this.#protocol._waitClosed(), options);
  }

  /** Facts about the connection by asyncio's names; `fallback` when there is none of that name. */
  getExtraInfo(name: 'peername' | 'sockname'): SocketAddress | undefined;
  getExtraInfo(name: 'socket'): TransportSocket | undefined;
  getExtraInfo<D>(name: string, fallback?: D): unknown;
  getExtraInfo(name: string, fallback?: unknown): unknown {
    return this.#transport.getExtraInfo(name, fallback);
  }

  /**
   * Waits, if the write buffer has passed its high-water mark, until it has fallen to the low one.
   *
   * @returns what to `await` or `yield*`: a future, or a promise when there is nothing to wait for; it fails with the
   *   reader's exception, or with ECONNRESET when the connection is lost
   */
  drain(options?: AbortOptions): Awaitable<void> {
    if (options === undefined) return this.#drain();
    checkAbortOptions(options);
    const drained = this.#drain();
    return isFuture(drained) ? cancelOnAbort(drained, options) : drained;
  }

  /**
   * Goes on with TLS, from the next byte in either direction on: asyncio's start_tls. What the reader has buffered by
   * then is taken for TLS. A writer that startServer() made is the server's side.
   *
   * @param sslcontext a SecureContext, or options as tls.connect() and tls.createServer() take them
   * @returns a future; when it fails the connection is over, unless the signal had aborted before
   * @throws TypeError or RangeError
   */
  startTls(sslcontext: SslContext, options?: WriterStartTlsOptions): Future<void> {
    checkAbortOptions(options);
    const given = { ...options, serverSide: this.#protocol._isServerSide };
    startTlsSettings(sslcontext, given);
    const starting = new Operation(this.#loop, this.#startTls(sslcontext, given));
    return cancelOnAbort(starting, options);
  }

  /** Closes, and waits until the connection is gone; what ended it is not thrown: see waitClosed(). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    try {
      await this.waitClosed();
    } catch (error) {
      if (!(error instanceof Error) || !('syscall' in error)) throw error;
    }
  }

  /** @internal */
  toString(): string {
    const reader = this.#reader === null ? '' : ` reader=${this.#reader}`;
    return `<${this.constructor.name} transport=${this.#transport}${reader}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  *#startTls(sslcontext: SslContext, options: StartTlsOptions): OperationBody<void> {
    yield* this.drain();
    const loop = this.#loop as EventLoop;
    this.#transport = yield* loop.startTls(this.#transport, this.#protocol, sslcontext, options);
    this.#protocol._replaceTransport(this.#transport);
  }

  #drain(): Awaitable<void> {
    const exception = this.#reader?.exception() ?? null;
    if (exception !== null) return failed(this.#loop, exception);
    if (this.#transport.isClosing()) return new Operation(this.#loop, this.#drainClosing());
    return this.#protocol._drain();
  }

  /** Lets the loop tell of the connection's end, of which a program that only writes would never hear. */
  *#drainClosing(): OperationBody<void> {
    yield;
    yield* this.#protocol._drain();
  }
}
