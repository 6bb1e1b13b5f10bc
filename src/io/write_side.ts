/**
 * The writing half of a stream transport: what has been written and has not left yet.
 *
 * Writes of one round are gathered and sent together at its end; a large one goes to the kernel at
 * once. What the kernel does not take is queued in the native stream, by reference, or as a copy when
 * it is small or its memory is about to be used again. Invariant: bytes leave in the order of write().
 */

import { native } from '../binding/addon.js';
import type { StreamWrap } from '../binding/contract.js';
import { noteCreation } from '../core/creation.js';
import { RuntimeError } from '../core/exceptions.js';
import { log } from '../util/logger.js';
import { toBytes } from './bytes.js';
import { FlowControl } from './flow_control.js';
import { type Flushable, type Reactor, STAGING_SIZE } from './reactor.js';
import type { WriteData } from './transports.js';

const { writeStream } = native;

// From this many bytes on a write is worth its own system call.
const DIRECT_WRITE_SIZE = 16 * 1024;
// Writes to a lost connection are dropped; after this many, with a warning, as in asyncio.
const SILENT_WRITES_AFTER_LOSS = 5;

export abstract class WriteSide extends FlowControl implements Flushable {
  protected readonly _reactor: Reactor;
  protected abstract readonly _wrap: StreamWrap;
  #pending: Uint8Array | Uint8Array[] | null = null;
  #pendingSize = 0;
  /** A BufferedProtocol wrote it, perhaps from the memory that it reads into. */
  #pendingIsReused = false;
  #queuedSize = 0;
  #writesAfterLoss = 0;
  #eofWritten = false;

  constructor(reactor: Reactor) {
    super();
    this._reactor = reactor;
    if (reactor.scheduler._debug?.creationStacks === true) noteCreation(this);
  }

  abstract isClosing(): boolean;
  /** Whether the protocol may reuse the memory that it writes from as soon as it returns. */
  protected abstract _reusesMemory(): boolean;
  /** The system refused an operation: the connection is over. */
  protected abstract _systemFailed(errno: number, syscall: string): void;

  override getWriteBufferSize(): number {
    return this.#pendingSize + this.#queuedSize;
  }

  /** @throws TypeError, or RuntimeError after writeEof() */
  write(data: WriteData): void {
    const bytes = data instanceof Uint8Array ? data : toBytes(data);
    if (this.#eofWritten) throw new RuntimeError('Cannot call write() after writeEof()');
    const size = bytes.byteLength;
    if (size === 0) return;
    if (this.isClosing()) {
      this.#noteWriteAfterLoss();
      return;
    }
    if (this._reusesMemory()) this.#pendingIsReused = true;
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
    if (this.#eofWritten || this.isClosing()) return;
    this.#eofWritten = true;
    this._flush();
    if (!this.isClosing()) this._wrap.shutdown();
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
    } else if (size <= STAGING_SIZE) {
      queued = writeStream(this._wrap.number, this.#stage(pending), size, true);
    } else {
      queued = this._wrap.writev(pending, copy);
    }
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

  /** A queued write of `size` bytes has left. */
  protected _written(size: number): void {
    this.#queuedSize -= size;
    this._bufferShrank();
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

  #stage(list: Uint8Array[]): Uint8Array {
    const staging = this._reactor.staging;
    let offset = 0;
    for (const bytes of list) {
      staging.set(bytes, offset);
      offset += bytes.byteLength;
    }
    return staging;
  }

  #noteWriteAfterLoss(): void {
    this.#writesAfterLoss++;
    if (this.#writesAfterLoss >= SILENT_WRITES_AFTER_LOSS) {
      log('warn', 'socket.send() raised exception.');
    }
  }
}
