/**
 * A connected byte stream as a transport: reading, writing with flow control, closing.
 *
 * Answers to asyncio's _SelectorSocketTransport. Writes of one round are gathered and sent together;
 * a large one goes to the kernel at once. Errors of the system end the connection quietly through
 * connectionLost, errors of the protocol are reported as well. Invariant: connectionMade and
 * connectionLost are each called once, and the native handle is closed after the latter.
 */

import { inspect } from 'node:util';
import { native } from '../binding/addon.js';
import { STREAM_WRITTEN, type StreamOwner, type StreamWrap } from '../binding/contract.js';
import { RuntimeError } from '../core/exceptions.js';
import { log } from '../util/logger.js';
import { systemError, UV_ECANCELED, UV_EOF } from '../util/system_error.js';
import { toBytes } from './bytes.js';
import { FlowControl } from './flow_control.js';
import { checkStreamProtocol, isBuffered, type StreamProtocol } from './protocols.js';
import type { Flushable, Reactor } from './reactor.js';
import type { Transport, TransportSocket, WriteData } from './transports.js';

const { writeStream } = native;

// From this many bytes on a write is worth its own system call.
const DIRECT_WRITE_SIZE = 16 * 1024;
// Writes to a lost connection are dropped; after this many, with a warning, as in asyncio.
const SILENT_WRITES_AFTER_LOSS = 5;

/** Told when a transport has gone, for servers that count theirs. */
export interface TransportOwner {
  _detach(transport: StreamTransport): void;
}

export abstract class StreamTransport
  extends FlowControl
  implements Transport, StreamOwner, Flushable
{
  protected readonly _reactor: Reactor;
  protected abstract readonly _wrap: StreamWrap;
  #protocol: StreamProtocol;
  #buffered = false;
  #owner: TransportOwner | null;
  #pending: Uint8Array | Uint8Array[] | null = null;
  #pendingSize = 0;
  #queuedSize = 0;
  #writesAfterLoss = 0;
  #made = false;
  #readingPaused = false;
  #eofReceived = false;
  #eofWritten = false;
  #closing = false;
  #lost = false;

  constructor(reactor: Reactor, protocol: StreamProtocol, owner: TransportOwner | null) {
    super();
    checkStreamProtocol(protocol);
    this._reactor = reactor;
    this.#protocol = protocol;
    this.#buffered = isBuffered(protocol);
    this.#owner = owner;
  }

  abstract getExtraInfo(name: 'peername' | 'sockname'): ReturnType<TransportSocket['getsockname']>;
  abstract getExtraInfo(name: 'socket'): TransportSocket;
  abstract getExtraInfo<D>(name: string, fallback?: D): unknown;

  /** Tells the protocol of the connection and starts reading. @internal */
  _start(): void {
    this.#made = true;
    try {
      this.#protocol.connectionMade(this);
    } catch (error) {
      this.#protocolFailed(error, 'connectionMade');
    }
    if (!this.#closing && !this.#readingPaused) this.#startReading();
  }

  getProtocol(): StreamProtocol {
    return this.#protocol;
  }

  /** Hands the connection to another protocol; connectionMade is not called on it. */
  setProtocol(protocol: StreamProtocol): void {
    checkStreamProtocol(protocol);
    this.#protocol = protocol;
    const buffered = isBuffered(protocol);
    if (buffered === this.#buffered) return;
    this.#buffered = buffered;
    if (this.isReading()) this.#startReading();
  }

  isClosing(): boolean {
    return this.#closing;
  }

  isReading(): boolean {
    return !this.#closing && !this.#readingPaused && !this.#eofReceived;
  }

  pauseReading(): void {
    if (!this.isReading()) return;
    this.#readingPaused = true;
    this._wrap.readStop();
  }

  resumeReading(): void {
    if (this.#closing || !this.#readingPaused) return;
    this.#readingPaused = false;
    if (!this.#eofReceived && this.#made) this.#startReading();
  }

  override getWriteBufferSize(): number {
    return this.#pendingSize + this.#queuedSize;
  }

  /** @throws TypeError, or RuntimeError after writeEof() */
  write(data: WriteData): void {
    const bytes = data instanceof Uint8Array ? data : toBytes(data);
    if (this.#eofWritten) throw new RuntimeError('Cannot call write() after writeEof()');
    const size = bytes.byteLength;
    if (size === 0) return;
    if (this.#closing) {
      this.#noteWriteAfterLoss();
      return;
    }
    if (this.#pendingSize === 0) {
      this.#pending = bytes;
      this.#pendingSize = size;
      if (size < DIRECT_WRITE_SIZE && size <= this._highWater) this._reactor.flushLater(this);
      else this._flush();
      return;
    }
    if (Array.isArray(this.#pending)) this.#pending.push(bytes);
    else this.#pending = [this.#pending as Uint8Array, bytes];
    this.#pendingSize += size;
    if (this.#pendingSize > this._reactor.staging.length || this.#pendingSize > this._highWater) {
      this._flush();
    }
  }

  writelines(list: Iterable<WriteData>): void {
    for (const data of list) this.write(data);
  }

  canWriteEof(): boolean {
    return true;
  }

  writeEof(): void {
    if (this.#eofWritten || this.#closing) return;
    this.#eofWritten = true;
    this._flush();
    if (!this.#closing) this._wrap.shutdown();
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this._wrap.readStop();
    this._flush();
    if (this.getWriteBufferSize() === 0) this.#loseSoon(null);
  }

  abort(): void {
    this.#forceClose(null);
  }

  override toString(): string {
    const state = this.#lost ? 'closed' : this.#closing ? 'closing' : 'open';
    return `<${this.constructor.name} ${state} bufsize=${this.getWriteBufferSize()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** Sends what was written in this round. @internal */
  _flush(): void {
    const size = this.#pendingSize;
    if (size === 0) return;
    const pending = this.#pending;
    this.#pending = null;
    this.#pendingSize = 0;
    let queued: number;
    if (!Array.isArray(pending)) {
      queued = writeStream(this._wrap.number, pending as Uint8Array, size, this.#buffered);
    } else if (size <= this._reactor.staging.length) {
      queued = writeStream(this._wrap.number, this.#stage(pending), size, true);
    } else {
      queued = this._wrap.writev(pending);
    }
    if (queued === 0) return;
    if (queued < 0) {
      this.#systemFailed(queued, 'write');
      return;
    }
    this.#queuedSize += queued;
    this._bufferGrew();
  }

  /** @internal */
  onRead(size: number, offset: number): void {
    if (size <= 0) {
      this.#readEnded(size);
      return;
    }
    try {
      (this.#protocol as { dataReceived(data: Buffer): void }).dataReceived(
        this._reactor.region.subarray(offset, offset + size),
      );
    } catch (error) {
      this.#protocolFailed(error, 'dataReceived');
    }
  }

  /** @internal */
  onGetBuffer(sizeHint: number): Uint8Array | null {
    try {
      const buffer: unknown = (this.#protocol as { getBuffer(size: number): unknown }).getBuffer(
        sizeHint,
      );
      if (!(buffer instanceof Uint8Array) || buffer.byteLength === 0) {
        throw new RuntimeError('getBuffer() returned an empty buffer');
      }
      return buffer;
    } catch (error) {
      this.#protocolFailed(error, 'getBuffer');
      return null;
    }
  }

  /** @internal */
  onBufferUpdated(size: number): void {
    if (size <= 0) {
      this.#readEnded(size);
      return;
    }
    try {
      (this.#protocol as { bufferUpdated(size: number): void }).bufferUpdated(size);
    } catch (error) {
      this.#protocolFailed(error, 'bufferUpdated');
    }
  }

  /** @internal */
  onStreamEvent(event: number, status: number, size: number): void {
    if (event !== STREAM_WRITTEN) return;
    this.#queuedSize -= size;
    if (status < 0) {
      if (status !== UV_ECANCELED) this.#systemFailed(status, 'write');
      return;
    }
    this._bufferShrank();
    if (this.#closing && this.getWriteBufferSize() === 0) this.#loseSoon(null);
  }

  protected _pauseProtocol(): void {
    this.#notify('pauseWriting');
  }

  protected _resumeProtocol(): void {
    this.#notify('resumeWriting');
  }

  #notify(method: 'pauseWriting' | 'resumeWriting'): void {
    try {
      this.#protocol[method]?.();
    } catch (exception) {
      this._reactor.scheduler.callExceptionHandler({
        message: `protocol.${method}() failed`,
        exception,
        transport: this,
        protocol: this.#protocol,
      });
    }
  }

  #startReading(): void {
    const error = this._wrap.readStart(this.#buffered);
    if (error < 0) this.#systemFailed(error, 'read');
  }

  #stage(list: Uint8Array[]): Uint8Array {
    const staging = this._reactor.staging;
    let offset = 0;
    for (const bytes of list) {
      staging.set(bytes, offset);
      offset += bytes.byteLength;
    }
    return staging;
  }

  #readEnded(status: number): void {
    // Refused memory: what refused it has ended the connection.
    if (this.#closing) return;
    if (status !== UV_EOF) {
      this.#systemFailed(status, 'read');
      return;
    }
    this.#eofReceived = true;
    let keepOpen: unknown;
    try {
      keepOpen = this.#protocol.eofReceived?.();
    } catch (error) {
      this.#protocolFailed(error, 'eofReceived');
      return;
    }
    if (!keepOpen) this.close();
  }

  #systemFailed(errno: number, syscall: string): void {
    const error = systemError(errno, syscall);
    if (this._reactor.scheduler.getDebug())
      log('debug', `${this}: Fatal ${syscall} error: ${error}`);
    this.#forceClose(error);
  }

  #protocolFailed(exception: unknown, method: string): void {
    this._reactor.scheduler.callExceptionHandler({
      message: `Fatal error: protocol.${method}() call failed.`,
      exception,
      transport: this,
      protocol: this.#protocol,
    });
    this.#forceClose(exception instanceof Error ? exception : new Error(String(exception)));
  }

  #forceClose(exception: Error | null): void {
    if (this.#lost) return;
    this.#pending = null;
    this.#pendingSize = 0;
    if (!this.#closing) {
      this.#closing = true;
      this._wrap.readStop();
    }
    this.#loseSoon(exception);
  }

  #loseSoon(exception: Error | null): void {
    if (this.#lost) return;
    this.#lost = true;
    this._reactor.scheduler._enqueue({ run: () => this.#lose(exception) });
  }

  #lose(exception: Error | null): void {
    try {
      if (this.#made) this.#protocol.connectionLost(exception);
    } catch (error) {
      this._reactor.scheduler.callExceptionHandler({
        message: 'Exception in callback connectionLost()',
        exception: error,
        transport: this,
        protocol: this.#protocol,
      });
    } finally {
      this._wrap.close();
      this.#owner?._detach(this);
      this.#owner = null;
    }
  }

  #noteWriteAfterLoss(): void {
    this.#writesAfterLoss++;
    if (this.#writesAfterLoss >= SILENT_WRITES_AFTER_LOSS) {
      log('warn', 'socket.send() raised exception.');
    }
  }
}
