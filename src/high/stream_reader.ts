/**
 * StreamReader: asyncio's, the reading end of a stream, from which a task takes bytes or lines.
 *
 * A protocol feeds it. Its limit is a security feature: the longest line, and half of what it buffers before
 * it has its transport stop reading. Invariant: one request waits at a time, and while one does the transport reads.
 */

import type { ReadableStream } from 'node:stream/web';
import { inspect } from 'node:util';
import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { checkLoop } from '../core/check_loop.js';
import { RuntimeError } from '../core/exceptions.js';
import type { Future, FutureOptions } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import { toBytes } from '../io/bytes.js';
import type { Transport, WriteData } from '../io/transports.js';
import { ByteQueue } from '../util/byte_queue.js';
import { checkInteger, checkOptions, rangeError, typeError } from '../util/check.js';
import { repr } from '../util/format.js';
import { LineIterator } from './line_iterator.js';
import {
  ReadAll,
  ReadExactly,
  ReadLine,
  type ReadRequest,
  ReadSome,
  ReadUntil,
} from './read_requests.js';
import { webStreamOf } from './web_streams.js';

const DEFAULT_LIMIT = 64 * 1024;

/** What a reader needs of its transport. */
export type PausableTransport = Pick<Transport, 'pauseReading' | 'resumeReading'>;

/** What its constructor takes. */
export interface StreamReaderOptions extends FutureOptions {
  /** The longest line, and half of what is buffered at most, in bytes; 64 KiB by default. */
  limit?: number | undefined;
}

/** Reads a stream by await: asyncio.StreamReader. */
export class StreamReader implements AsyncIterable<Buffer> {
  /** @internal */ readonly _loop: Scheduler;
  /** @internal */ readonly _limit: number;
  /** @internal */ readonly _bytes = new ByteQueue();
  #ended = false;
  #exception: unknown = null;
  #waiter: ReadRequest | null = null;
  #transport: PausableTransport | null = null;
  #paused = false;

  /** @throws TypeError or RangeError */
  constructor(options?: StreamReaderOptions) {
    checkOptions(options);
    checkLoop(options?.loop);
    this._limit = checkLimit(options?.limit);
    this._loop = options?.loop ?? defaultLoop();
  }

  /**
   * Up to `size` bytes, at least one; none at the end of the stream. It may be fewer than are buffered, so that
   * large blocks are not copied. Without `size`, or with -1, everything up
   * to that end.
   *
   * @returns a future of a Buffer; it fails with what setException() was given
   * @throws TypeError or RangeError
   */
  read(size = -1, options?: AbortOptions): Future<Buffer> {
    checkSize(size, Number.NEGATIVE_INFINITY);
    return this.#begin(size < 0 ? new ReadAll(this) : new ReadSome(this, size), options);
  }

  /**
   * A line with its newline; at the end of the stream what is left, which may be nothing.
   *
   * @returns a future of a Buffer; it fails with RangeError for a line above the limit, which is dropped
   */
  readline(options?: AbortOptions): Future<Buffer> {
    return this.#begin(new ReadLine(this), options);
  }

  /**
   * Exactly `size` bytes.
   *
   * @returns a future of a Buffer; it fails with IncompleteReadError when the stream ends before
   * @throws TypeError or RangeError
   */
  readexactly(size: number, options?: AbortOptions): Future<Buffer> {
    checkSize(size, 0);
    return this.#begin(new ReadExactly(this, size), options);
  }

  /**
   * Everything up to `separator`, with it. Of a list of separators the one counts that ends first.
   *
   * @returns a future of a Buffer; it fails with IncompleteReadError when the stream ends before, and with
   *   LimitOverrunError when the limit is passed: the bytes are still there then
   * @throws TypeError or RangeError
   */
  readuntil(
    separator: WriteData | readonly WriteData[] = '\n',
    options?: AbortOptions,
  ): Future<Buffer> {
    return this.#begin(new ReadUntil(this, checkSeparators(separator)), options);
  }

  /** Whether everything was read: the buffer is empty and feedEof() was called. */
  atEof(): boolean {
    return this.#ended && this._bytes.length === 0;
  }

  /** Iterates over lines: `for await (const line of reader)`. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return new LineIterator(this);
  }

  /** A web stream of the bytes, which it reads from here as they are asked for. */
  toWeb(): ReadableStream<Uint8Array> {
    return webStreamOf(this);
  }

  /** What setException() was given, or null. */
  exception(): unknown {
    return this.#exception;
  }

  /**
   * Fails the read that waits, and all later ones.
   *
   * @throws TypeError for undefined and null, which say nothing
   */
  setException(exception: unknown): void {
    if (exception === undefined || exception === null) {
      throw typeError('exception', 'an error', exception);
    }
    this.#exception = exception;
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.abandon(exception);
  }

  /** Sets what is told to pause while too much is buffered; only once. */
  setTransport(transport: PausableTransport): void {
    if (this.#transport !== null) throw new RuntimeError('Transport already set');
    this.#transport = transport;
  }

  /**
   * Adds bytes, for the protocol. They are not copied, so their memory must not change.
   *
   * @throws TypeError, or RuntimeError after feedEof()
   */
  feedData(data: WriteData): void {
    if (this.#ended) throw new RuntimeError('feedData() after feedEof()');
    const bytes = data instanceof Buffer ? data : asBuffer(data);
    if (bytes.length === 0) return;
    this._bytes.push(bytes);
    this.#wakeWaiter();
    if (this.#paused || this._bytes.length <= 2 * this._limit) return;
    if (this.#transport === null) return;
    this.#paused = true;
    this.#transport.pauseReading();
  }

  /** Ends the stream, for the protocol. */
  feedEof(): void {
    this.#ended = true;
    this.#wakeWaiter();
  }

  toString(): string {
    const words = ['StreamReader'];
    if (this._bytes.length > 0) words.push(`${this._bytes.length} bytes`);
    if (this.#ended) words.push('eof');
    if (this._limit !== DEFAULT_LIMIT) words.push(`limit=${this._limit}`);
    if (this.#waiter !== null) words.push(`waiter=${this.#waiter}`);
    if (this.#exception !== null) words.push(`exception=${repr(this.#exception)}`);
    if (this.#transport !== null) words.push(`transport=${this.#transport}`);
    if (this.#paused) words.push('paused');
    return `<${words.join(' ')}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  get _ended(): boolean {
    return this.#ended;
  }

  /** Has `request` woken by what comes next. @internal */
  _wait(request: ReadRequest): void {
    if (this.#waiter !== null) {
      throw new RuntimeError(
        `${request.method}() called while another coroutine is already waiting for incoming data`,
      );
    }
    if (this.#exception !== null) throw this.#exception;
    this.#waiter = request;
    // It may ask for more than the limit.
    if (this.#paused) this.#resume();
  }

  /** @internal */
  _forget(request: ReadRequest): void {
    if (this.#waiter === request) this.#waiter = null;
  }

  /** Bytes have left the buffer. @internal */
  _bytesTaken(): void {
    if (this.#paused && this._bytes.length <= this._limit) this.#resume();
  }

  /** Leaves the connection to somebody else, with what has arrived. @internal */
  _handOver(): { bytes: Buffer | null; ended: boolean; exception: unknown } {
    if (this.#waiter !== null) {
      throw new RuntimeError(`toDuplex() while a ${this.#waiter.method}() waits for incoming data`);
    }
    const bytes = this._bytes.length > 0 ? this._bytes.takeAll() : null;
    const exception = this.#exception;
    this.#exception ??= new RuntimeError('The connection belongs to a Duplex: see toDuplex()');
    return { bytes, ended: this.#ended, exception };
  }

  /** All that is buffered, which nobody will read. @internal */
  _takeUnread(): Buffer[] {
    return this._bytes.length === 0 ? [] : [this._bytes.takeAll()];
  }

  /** Pauses another transport from now on. @internal */
  _replaceTransport(transport: PausableTransport): void {
    this.#transport = transport;
    this.#paused = false;
  }

  #begin(request: ReadRequest, options: AbortOptions | undefined): Future<Buffer> {
    if (options === undefined) return request.begin();
    checkAbortOptions(options);
    return cancelOnAbort(request.begin(), options);
  }

  #wakeWaiter(): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    this.#waiter = null;
    waiter.wake();
  }

  #resume(): void {
    this.#paused = false;
    this.#transport?.resumeReading();
  }
}

/** @throws TypeError or RangeError @internal */
export function checkLimit(limit: number | undefined): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  checkInteger('limit', limit, 1, Number.MAX_SAFE_INTEGER);
  return limit;
}

function checkSize(size: unknown, minimum: number): void {
  if (Number.isInteger(size) && (size as number) >= minimum) return;
  checkInteger('size', size, Math.max(minimum, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** As bytes, the shortest first. */
function checkSeparators(separator: WriteData | readonly WriteData[]): Uint8Array[] {
  const list = Array.isArray(separator) ? separator : [separator];
  const separators = list.map(toBytes).sort((one, other) => one.length - other.length);
  if (separators.length === 0) {
    throw rangeError('separator', 'a list of at least one element', separator);
  }
  if (separators[0]?.length === 0) {
    throw rangeError('separator', 'at least one byte long', separator);
  }
  return separators;
}

function asBuffer(data: WriteData): Buffer {
  const bytes = toBytes(data);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
