/**
 * The writing half of a stream transport: what has been written and has not left yet.
 *
 * Writes of one round are gathered and sent together at its end; a large one goes to the kernel at
 * once. What the kernel does not take is queued in the native stream, by reference, or as a copy when
 * it is small or its memory is about to be used again. Invariant: bytes leave in the order of write().
 */

import { native } from '../binding/addon.js';
import type { StreamWrap } from '../binding/contract.js';
import { RuntimeError } from '../core/exceptions.js';
import { log } from '../util/logger.js';
import { UV_EINVAL } from '../util/system_error.js';
import { join, sizeOf, toBytes } from './bytes.js';
import { FlowControl } from './flow_control.js';
import { type Flushable, type Reactor, STAGING_SIZE } from './reactor.js';
import { Transfer } from './transfer.js';
import type { WriteData } from './transports.js';

const { writeStream } = native;

// From this many bytes on a write is worth its own system call.
const DIRECT_WRITE_SIZE = 16 * 1024;
// Writes to a lost connection are dropped; after this many, with a warning, as in asyncio.
const SILENT_WRITES_AFTER_LOSS = 5;

const AFTER_EOF = 'Cannot call write() after writeEof()';
const DURING_TRANSFER = 'unable to write; sendfile is in progress';

export abstract class WriteSide extends FlowControl implements Flushable {
  protected readonly _reactor: Reactor;
  protected abstract readonly _wrap: StreamWrap;
  #pending: Uint8Array | Uint8Array[] | null = null;
  #pendingSize = 0;
  /** A BufferedProtocol wrote it, perhaps from the memory that it reads into. */
  #pendingIsReused = false;
  #queuedSize = 0;
  #writesAfterLoss = 0;
  /** Why write() is refused; null while it is not. */
  #refusal: string | null = null;
  #transfer: Transfer | null = null;

  constructor(reactor: Reactor) {
    super();
    this._reactor = reactor;
  }

  abstract isClosing(): boolean;
  /** Whether the protocol may reuse the memory that it writes from as soon as it returns. */
  protected abstract _reusesMemory(): boolean;
  /** The system refused an operation: the connection is over. */
  protected abstract _systemFailed(errno: number, syscall: string): void;

  override getWriteBufferSize(): number {
    return this.#pendingSize + this.#queuedSize;
  }

  /** @throws TypeError, or RuntimeError after writeEof() and during sendfile() */
  write(data: WriteData): void {
    const bytes = data instanceof Uint8Array ? data : toBytes(data);
    if (this.#refusal !== null) throw new RuntimeError(this.#refusal);
    const size = bytes.byteLength;
    if (size === 0) return;
    if (this.isClosing()) {
      this.#noteWriteAfterLoss();
      return;
    }
    if (this._reactor.lendsMemory || this._reusesMemory()) this.#pendingIsReused = true;
    if (this.#pendingSize > 0) {
      if (Array.isArray(this.#pending)) this.#pending.push(bytes);
      else this.#pending = [this.#pending as Uint8Array, bytes];
      this.#pendingSize += size;
    } else {
      this.#pending = bytes;
      this.#pendingSize = size;
      if (size < DIRECT_WRITE_SIZE) this._reactor.flushLater(this);
      else this._flush();
    }
    // The gathering must not hide from flow control what the kernel does not take.
    if (this.#pendingSize > STAGING_SIZE || this.getWriteBufferSize() > this._highWater) {
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
    if (this.#refusal === AFTER_EOF || this.isClosing()) return;
    if (this.#refusal !== null) throw new RuntimeError(this.#refusal);
    this.#refusal = AFTER_EOF;
    this._flush();
    if (!this.isClosing()) this._wrap.shutdown();
  }

  /** Sends the first `size` bytes at once; their memory is the caller's again. @internal */
  _writeThrough(bytes: Uint8Array, size: number): void {
    this._flush();
    if (!this.isClosing()) this.#queued(writeStream(this._wrap.number, bytes, size, true));
  }

  /** Sends what was written in this round. @internal */
  _flush(): void {
    const size = this.#pendingSize;
    if (size === 0) return;
    const pending = this.#pending;
    const copy = this.#pendingIsReused;
    this._dropPending();
    let queued: number;
    if (!Array.isArray(pending)) {
      queued = writeStream(this._wrap.number, pending as Uint8Array, size, copy);
    } else if (sizeOf(pending) !== size) {
      queued = UV_EINVAL; // as for one alone: its memory has been taken away
    } else if (size <= STAGING_SIZE) {
      queued = writeStream(this._wrap.number, join(this._reactor.staging, pending), size, true);
    } else {
      queued = this._wrap.writev(pending, copy);
    }
    this.#queued(queued);
  }

  /** The kernel has left `queued` bytes of a write to the queue, or refused it. */
  #queued(queued: number): void {
    if (queued === 0) return;
    if (queued < 0) {
      this._systemFailed(queued, 'write');
      return;
    }
    this.#queuedSize += queued;
    this._bufferGrew();
  }

  protected _logLife(message: () => string): void {
    this._reactor.scheduler._logLife('debug', message);
  }

  /**
   * Refuses writes, for this reason, while a file goes out past the buffer, or the connection leaves the loop.
   *
   * @throws RuntimeError when nothing may be written
   * @internal
   */
  _beginTransfer(refusal = DURING_TRANSFER): Transfer {
    if (this.#refusal !== null) throw new RuntimeError(this.#refusal);
    const transfer = new Transfer(this._reactor.scheduler, this._wrap.getDescriptor());
    this.#refusal = refusal;
    this.#transfer = transfer;
    this._flush();
    if (this.getWriteBufferSize() === 0) transfer.onEmpty();
    return transfer;
  }

  /** @param errno what the connection has failed with; 0 if it has not @internal */
  _endTransfer(errno: number): void {
    this.#refusal = null;
    this.#transfer = null;
    if (errno < 0) this._systemFailed(errno, 'sendfile');
  }

  /** The connection is over. */
  protected _loseTransfer(exception: Error | null): void {
    this.#transfer?.onLost(exception);
  }

  /** A queued write of `size` bytes has left. */
  protected _written(size: number): void {
    this.#queuedSize -= size;
    this._bufferShrank();
    if (this.#transfer !== null && this.getWriteBufferSize() === 0) this.#transfer.onEmpty();
  }

  /** Forgets what this round has written. */
  protected _dropPending(): void {
    this.#pending = null;
    this.#pendingSize = 0;
    this.#pendingIsReused = false;
  }

  /** Forgets what has not left; the native queue goes when the stream is closed. */
  protected _dropUnsent(): void {
    this._dropPending();
    this.#queuedSize = 0;
  }

  #noteWriteAfterLoss(): void {
    this.#writesAfterLoss++;
    if (this.#writesAfterLoss >= SILENT_WRITES_AFTER_LOSS) {
      log('warn', 'socket.send() raised exception.');
    }
  }
}
