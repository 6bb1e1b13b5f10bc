/**
 * What StreamReader's methods return: a future that takes its bytes from the reader's buffer.
 *
 * In asyncio a read is a coroutine that waits for data and looks again. Here the future itself does: what the buffer can
 * serve at the call is done when the call returns; else the request waits in its reader, is put into the ready queue
 * when something has arrived, looks again there, and lets its waiters go on in the same slot.
 * Invariant: bytes leave the buffer only when the request is done with them, so that a cancelled one loses none
 * (but for read(-1), which collects them, as in asyncio).
 */

import type { Runnable } from '../core/events.js';
import {
  type CancelledError,
  cancelledError,
  IncompleteReadError,
  LimitOverrunError,
} from '../core/exceptions.js';
import { InlineFuture } from '../core/inline_future.js';
import type { StreamReader } from './stream_reader.js';

const EMPTY = Buffer.alloc(0);

export abstract class ReadRequest extends InlineFuture<Buffer> implements Runnable {
  /** The method's name, for errors. */
  abstract readonly method: string;
  protected readonly _reader: StreamReader;
  #woken = false;
  #cancellation: CancelledError | null = null;
  #failure: unknown = null;

  constructor(reader: StreamReader) {
    super({ loop: reader._loop });
    this._reader = reader;
  }

  /** The bytes, or null when there are not enough yet. Throws when there never will be. */
  protected abstract _attempt(): Buffer | null;

  /** Tries for the first time. */
  begin(): this {
    const exception = this._reader.exception();
    if (exception === null) this.#proceed();
    else this._fail(exception);
    return this;
  }

  /** Has it look again, through the loop. */
  wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    this._loop._enqueue(this);
  }

  /** Ends it with `exception`, through the loop. */
  abandon(exception: unknown): void {
    this.#failure = exception;
    this.wake();
  }

  /** Nothing is taken from the buffer; false when it is done. Its waiters hear of it through the loop. */
  override cancel(message?: unknown): boolean {
    if (this.done()) return super.cancel();
    this.#cancellation = cancelledError(message);
    this._reader._forget(this);
    this.wake();
    return true;
  }

  /** @internal */
  run(): void {
    this.#woken = false;
    if (this.#cancellation !== null) super.cancel(this.#cancellation.message || undefined);
    else if (this.#failure !== null) this._fail(this.#failure);
    else this.#proceed();
  }

  #proceed(): void {
    let data: Buffer | null;
    try {
      data = this._attempt();
      if (data === null) this._reader._wait(this);
      else this._reader._bytesTaken();
    } catch (error) {
      this._fail(error);
      return;
    }
    if (data !== null) this.setResult(data);
  }
}

/** read(n): what is there, at most `n` bytes. */
export class ReadSome extends ReadRequest {
  readonly method = 'read';
  readonly #size: number;

  constructor(reader: StreamReader, size: number) {
    super(reader);
    this.#size = size;
  }

  protected override _attempt(): Buffer | null {
    const bytes = this._reader._bytes;
    if (bytes.length > 0 && this.#size > 0) return bytes.takeSome(this.#size);
    return this.#size === 0 || this._reader._ended ? EMPTY : null;
  }
}

/** read(-1): everything up to the end. */
export class ReadAll extends ReadRequest {
  readonly method = 'read';
  readonly #blocks: Buffer[] = [];

  protected override _attempt(): Buffer | null {
    const reader = this._reader;
    const bytes = reader._bytes;
    while (bytes.length > 0) this.#blocks.push(bytes.takeSome(bytes.length));
    reader._bytesTaken();
    if (!reader._ended) return null;
    return this.#blocks.length === 1 ? (this.#blocks[0] as Buffer) : Buffer.concat(this.#blocks);
  }
}

/** readexactly(n) */
export class ReadExactly extends ReadRequest {
  readonly method = 'readexactly';
  readonly #size: number;

  constructor(reader: StreamReader, size: number) {
    super(reader);
    this.#size = size;
  }

  protected override _attempt(): Buffer | null {
    const bytes = this._reader._bytes;
    if (this.#size === 0) return EMPTY;
    if (bytes.length >= this.#size) return bytes.take(this.#size);
    if (!this._reader._ended) return null;
    throw new IncompleteReadError(bytes.takeAll(), this.#size);
  }
}

/** readuntil(separators), which come the shortest first. */
export class ReadUntil extends ReadRequest {
  readonly method = 'readuntil';
  readonly #separators: readonly Uint8Array[];
  /** No separator begins before this position. */
  #searched = 0;

  constructor(reader: StreamReader, separators: readonly Uint8Array[]) {
    super(reader);
    this.#separators = separators;
  }

  protected override _attempt(): Buffer | null {
    const bytes = this._reader._bytes;
    const limit = this._reader._limit;
    let start = -1;
    let end = Number.POSITIVE_INFINITY;
    for (const separator of this.#separators) {
      const found = bytes.indexOf(separator, this.#searched);
      if (found === -1 || found + separator.length >= end) continue;
      start = found;
      end = found + separator.length;
    }
    if (start > limit) this._overrun('Separator is found, but chunk is longer than limit', start);
    if (start !== -1) return bytes.take(end);
    const longest = this.#separators.at(-1) as Uint8Array;
    this.#searched = Math.max(0, bytes.length + 1 - longest.length);
    if (this.#searched > limit) {
      this._overrun('Separator is not found, and chunk exceed the limit', this.#searched);
    }
    return this._reader._ended ? this._incomplete() : null;
  }

  protected _overrun(message: string, consumed: number): never {
    throw new LimitOverrunError(message, consumed);
  }

  protected _incomplete(): Buffer {
    throw new IncompleteReadError(this._reader._bytes.takeAll(), null);
  }
}

const NEWLINE = Buffer.from('\n');
const NEWLINES = [NEWLINE];

/** readline(): the stream's end ends a line as well, and one that is too long is dropped. */
export class ReadLine extends ReadUntil {
  constructor(reader: StreamReader) {
    super(reader, NEWLINES);
  }

  protected override _overrun(message: string, consumed: number): never {
    const bytes = this._reader._bytes;
    if (bytes.hasAt(NEWLINE, consumed)) bytes.skip(consumed + NEWLINE.length);
    else bytes.clear();
    this._reader._bytesTaken();
    throw new RangeError(message);
  }

  protected override _incomplete(): Buffer {
    return this._reader._bytes.takeAll();
  }
}
