/**
 * The transport of an encrypted connection: asyncio's _SSLProtocolTransport.
 *
 * Writes of one round are gathered, since each costs a record of its own. What is encrypted goes to the
 * transport below at once, so that its buffer and its marks are those of both. Invariant: bytes leave in the
 * order of write().
 */

import { inspect } from 'node:util';
import type { SocketAddress } from '../binding/contract.js';
import { RuntimeError } from '../core/exceptions.js';
import { log } from '../util/logger.js';
import { systemError, UV_EINVAL } from '../util/system_error.js';
import { join, sizeOf, toBytes } from './bytes.js';
import type { StreamProtocol } from './protocols.js';
import { type Flushable, STAGING_SIZE } from './reactor.js';
import type { SslObject } from './tls_object.js';
import type { TlsProtocol } from './tls_protocol.js';
import type { Transport, TransportSocket, WriteBufferLimits, WriteData } from './transports.js';

/** A transport that TLS can be put on: that of a socket, or another TlsTransport. */
export interface RawTransport extends Transport {
  _writeThrough(bytes: Uint8Array, size: number): void;
}

// From this many bytes on a write is worth records of its own.
const DIRECT_WRITE_SIZE = 16 * 1024;
// As in plain transports.
const SILENT_WRITES_AFTER_LOSS = 5;

export class TlsTransport implements RawTransport, Flushable {
  readonly #tls: TlsProtocol;
  #pending: Uint8Array[] = [];
  #pendingSize = 0;
  /** Those of the transport below, which nobody else sets. */
  #marks: [number, number] | null = null;
  #writesAfterLoss = 0;
  #isPausedBelow = false;
  #isPaused = false;

  /** Made by TlsProtocol only. */
  constructor(tls: TlsProtocol) {
    this.#tls = tls;
  }

  /** As a socket's, and of its TLS: 'sslObject', 'sslcontext', 'cipher', 'peercert', 'compression', 'alpnProtocol'. */
  getExtraInfo(name: 'peername' | 'sockname'): SocketAddress | undefined;
  getExtraInfo(name: 'socket'): TransportSocket | undefined;
  getExtraInfo(name: 'sslObject'): SslObject | undefined;
  getExtraInfo<D>(name: string, fallback?: D): unknown;
  getExtraInfo(name: string, fallback?: unknown): unknown {
    if (name === 'sslcontext') return this.#tls._settings.context;
    const extra = this.#tls._object?._extra(name);
    if (extra !== undefined) return extra;
    return this.#tls._raw?.getExtraInfo(name, fallback) ?? fallback;
  }

  getProtocol(): StreamProtocol {
    return this.#tls._inbox.protocol;
  }

  setProtocol(protocol: StreamProtocol): void {
    this.#tls._inbox.protocol = protocol;
  }

  isClosing(): boolean {
    return this.#tls._isClosing;
  }

  isReading(): boolean {
    return !this.isClosing() && !this.#tls._inbox.paused && !this.#tls._inbox.ended;
  }

  pauseReading(): void {
    if (!this.isReading()) return;
    this.#tls._inbox.pause();
    this.#tls._raw?.pauseReading();
  }

  resumeReading(): void {
    const { _inbox: inbox } = this.#tls;
    if (this.isClosing() || !inbox.paused) return;
    inbox.resume();
    inbox.callSoon(() => {
      // The transport below goes on when all that was decrypted already has been taken.
      if (inbox.deliver()) this.#tls._raw?.resumeReading();
    });
  }

  /** @throws TypeError */
  write(data: WriteData): void {
    const bytes = data instanceof Uint8Array ? data : toBytes(data);
    const size = bytes.byteLength;
    if (size === 0) return;
    if (this.isClosing()) {
      this.#noteWriteAfterLoss();
      return;
    }
    this.#pending.push(bytes);
    this.#pendingSize += size;
    if (this.#pendingSize >= DIRECT_WRITE_SIZE || this.#isAbove(1)) this._flush();
    else if (this.#pendingSize === size) this.#tls._reactor.flushLater(this);
  }

  writelines(list: Iterable<WriteData>): void {
    for (const data of list) this.write(data);
  }

  /** False: TLS has no half-closed connections here, as in asyncio. */
  canWriteEof(): boolean {
    return false;
  }

  /** @throws RuntimeError always */
  writeEof(): void {
    throw new RuntimeError('writeEof() is not supported over TLS');
  }

  close(): void {
    this.#tls._close();
  }

  abort(): void {
    this.#tls._failed(null);
  }

  setWriteBufferLimits(limits?: WriteBufferLimits): void {
    this.#tls._raw?.setWriteBufferLimits(limits);
    this.#marks = null;
    this._controlWriting();
  }

  getWriteBufferLimits(): [number, number] {
    return this.#tls._raw?.getWriteBufferLimits() ?? [0, 0];
  }

  /** Bytes written and not yet taken by the kernel, encrypted or not. */
  getWriteBufferSize(): number {
    const below = this.#tls._raw?.getWriteBufferSize() ?? 0;
    return this.#pendingSize + (this.#tls._engine?.backlog ?? 0) + below;
  }

  toString(): string {
    const state = this.#tls._isLost ? 'closed' : this.isClosing() ? 'closing' : 'open';
    return `<TlsTransport ${state} bufsize=${this.getWriteBufferSize()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** Whether the protocol has been told to pause. @internal */
  get _isPaused(): boolean {
    return this.#isPaused;
  }

  /** The transport below has, or has not any more, passed its mark. @internal */
  _pausedBelow(paused: boolean): void {
    this.#isPausedBelow = paused;
    this._controlWriting();
  }

  /** Has the protocol pause while more waits than the marks allow. @internal */
  _controlWriting(): void {
    const { _engine: engine, _inbox: inbox } = this.#tls;
    const isBehind = engine !== null && engine.backlog > 0 && this.#isAbove(this.#isPaused ? 0 : 1);
    const paused = this.#isPausedBelow || isBehind;
    if (paused === this.#isPaused || !this.#tls._isMade) return;
    this.#isPaused = paused;
    const method = paused ? 'pauseWriting' : 'resumeWriting';
    inbox.call(method);
  }

  /** Encrypts what was written in this round. @internal */
  _flush(): void {
    const size = this.#pendingSize;
    if (size === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingSize = 0;
    const { _engine: engine, _reactor: reactor } = this.#tls;
    if (engine === null || this.#tls._isLost) return;
    if (sizeOf(pending) !== size) {
      this.#tls._failed(systemError(UV_EINVAL, 'write')); // memory has been taken away since it was written
      return;
    }
    if (pending.length === 1) engine.send(pending[0] as Uint8Array, size);
    else if (size <= STAGING_SIZE) engine.send(join(reactor.staging, pending), size);
    else for (const bytes of pending) engine.send(bytes, bytes.byteLength);
    if (engine.backlog > 0) this._controlWriting();
  }

  /** @internal */
  _writeThrough(bytes: Uint8Array, size: number): void {
    // The memory is that of all encryptions, this one's below too.
    this.write(Buffer.from(bytes.subarray(0, size)));
  }

  #isAbove(mark: 0 | 1): boolean {
    this.#marks ??= this.getWriteBufferLimits();
    return this.getWriteBufferSize() > this.#marks[mark];
  }

  #noteWriteAfterLoss(): void {
    this.#writesAfterLoss++;
    if (this.#writesAfterLoss >= SILENT_WRITES_AFTER_LOSS) log('warn', 'SSL connection is closed');
  }
}
