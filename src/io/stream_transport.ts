/**
 * A connected byte stream as a transport: reading, writing with flow control, closing.
 *
 * Answers to asyncio's _SelectorSocketTransport; write_side.ts has the writing. Errors of the system
 * end the connection quietly through connectionLost, errors of the protocol are reported as well.
 * Invariant: connectionMade and connectionLost are each called once, and the native handle is closed
 * after the latter. `A` is what the addresses of its kind of connection look like.
 */

import { inspect } from 'node:util';
import { type SocketAddress, STREAM_WRITTEN, type StreamOwner } from '../binding/contract.js';
import { RuntimeError } from '../core/exceptions.js';
import { systemError, UV_ECANCELED, UV_EOF } from '../util/system_error.js';
import { checkStreamProtocol, isBuffered, type StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import type { Transport, TransportSocket } from './transports.js';
import { WriteSide } from './write_side.js';

/** Told when a transport has gone: a server that counts its own. */
export interface TransportOwner {
  _detach(transport: object): void;
}

export abstract class StreamTransport<A = SocketAddress>
  extends WriteSide
  implements Transport<A>, StreamOwner
{
  #protocol: StreamProtocol;
  #buffered = false;
  #owner: TransportOwner | null;
  #made = false;
  #readingPaused = false;
  #eofReceived = false;
  #closing = false;
  #lost = false;

  constructor(reactor: Reactor, protocol: StreamProtocol, owner: TransportOwner | null) {
    super(reactor);
    this._checkProtocol(protocol);
    this.#protocol = protocol;
    this.#buffered = isBuffered(protocol);
    this.#owner = owner;
  }

  abstract getExtraInfo(name: 'peername' | 'sockname'): A | undefined;
  abstract getExtraInfo(name: 'socket'): TransportSocket<A> | undefined;
  abstract getExtraInfo<D>(name: string, fallback?: D): unknown;
  /** What is logged when it begins, of one that no server has accepted. */
  protected abstract _beginning(protocol: StreamProtocol): string;

  /** Tells the protocol of the connection and starts reading. @internal */
  _start(): void {
    this.#made = true;
    if (this.#owner === null) this._logLife(() => this._beginning(this.#protocol));
    try {
      this.#protocol.connectionMade(this as unknown as Transport);
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
    this._checkProtocol(protocol);
    this.#protocol = protocol;
    const buffered = isBuffered(protocol);
    if (buffered === this.#buffered) return;
    this.#buffered = buffered;
    if (this.#made && this.isReading()) this.#startReading();
  }

  override isClosing(): boolean {
    return this.#closing;
  }

  isReading(): boolean {
    return !this.#closing && !this.#readingPaused && !this.#eofReceived;
  }

  pauseReading(): void {
    if (!this.isReading()) return;
    this.#readingPaused = true;
    this._wrap.readStop();
    this._logLife(() => `${this} pauses reading`);
  }

  resumeReading(): void {
    if (this.#closing || !this.#readingPaused) return;
    this.#readingPaused = false;
    if (!this.#eofReceived && this.#made) this.#startReading();
    this._logLife(() => `${this} resumes reading`);
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
    if (event !== STREAM_WRITTEN || this.#lost) return;
    if (status < 0) {
      if (status !== UV_ECANCELED) this._systemFailed(status, 'write');
      return;
    }
    this._written(size);
    if (this.#closing && this.getWriteBufferSize() === 0) this.#loseSoon(null);
  }

  protected _checkProtocol(protocol: StreamProtocol): void {
    checkStreamProtocol(protocol);
  }

  /** Asks the native side for what tells that bytes, or the end, have come. */
  protected _startReading(buffered: boolean): number {
    return this._wrap.readStart(buffered);
  }

  /** The peer sends no more; `keepOpen` is what the protocol wants. */
  protected _endOfFile(keepOpen: boolean): void {
    if (!keepOpen) this.close();
  }

  protected override _reusesMemory(): boolean {
    return this.#buffered;
  }

  protected override _pauseProtocol(): void {
    this.#notify('pauseWriting');
  }

  protected override _resumeProtocol(): void {
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
    const error = this._startReading(this.#buffered);
    if (error < 0) this._systemFailed(error, 'read');
  }

  #readEnded(status: number): void {
    // Refused memory: what refused it has ended the connection.
    if (this.#closing) return;
    if (status !== UV_EOF) {
      this._systemFailed(status, 'read');
      return;
    }
    this.#eofReceived = true;
    this._logLife(() => `${this} received EOF`);
    let keepOpen: unknown;
    try {
      keepOpen = this.#protocol.eofReceived?.();
    } catch (error) {
      this.#protocolFailed(error, 'eofReceived');
      return;
    }
    this._endOfFile(Boolean(keepOpen));
  }

  protected override _systemFailed(errno: number, syscall: string): void {
    if (this.#lost) return;
    const error = systemError(errno, syscall);
    this._logLife(() => `${this}: Fatal ${syscall} error: ${error}`);
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
    this._dropUnsent();
    if (!this.#closing) {
      this.#closing = true;
      this._wrap.readStop();
    }
    this.#loseSoon(exception);
  }

  #loseSoon(exception: Error | null): void {
    if (this.#lost) return;
    this.#lost = true;
    this._loseTransfer(exception);
    this._reactor.scheduler._enqueue({ run: () => this.#lose(exception), _ranFor: () => this });
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
}
