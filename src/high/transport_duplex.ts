/**
 * TransportDuplex: a transport's connection as a Node stream; what toDuplex() makes.
 *
 * Bytes go through as they are: what arrives is pushed, what was corked together is written together. Both sides' flow
 * control is joined: above the high-water mark the transport stops reading, and a write is over when its bytes have left,
 * since their memory is the writer's again then. Invariant: it ends once, with 'close', whoever ends it, the loop's end
 * among them.
 */

import type { DuplexOptions } from 'node:stream';
import { RuntimeError } from '../core/exceptions.js';
import type { Scheduler } from '../core/scheduler.js';
import { Protocol } from '../io/protocols.js';
import type { Transport } from '../io/transports.js';
import { systemError, UV_ECONNRESET } from '../util/system_error.js';
import { SocketDuplex, type SocketTransportControls } from './socket_duplex.js';
import type { StreamFlowControl } from './stream_flow_control.js';

type Done = (error?: Error | null) => void;
type Chunk = { chunk: Buffer | string; encoding: BufferEncoding };

/** A connection to take over. */
export interface Connection {
  transport: Transport;
  loop: Scheduler;
  /** Who was told of the connection's events and still waits for some. */
  before: StreamFlowControl | null;
  /** What has arrived already. */
  bytes: Buffer | null;
  ended: boolean;
  /** Why there is no connection any more, or null. */
  lost: Error | null;
}

export class TransportDuplex extends SocketDuplex {
  #loop: Scheduler;
  #read = 0;
  #written = 0;
  #readingPaused = false;
  /** A write, or the end, that is not over; how many bytes the transport was given of it. */
  #pending: Done | null = null;
  #pendingSize = 0;
  /** That again, while there is no connection. */
  #whenOpen: (() => void) | null = null;
  #gone = false;
  #whenGone: (() => void) | null = null;
  readonly #giveUp: () => void;

  /** @param giveUp ends the attempt to connect, when nobody wants the connection any more */
  constructor(loop: Scheduler, options: DuplexOptions, giveUp: () => void) {
    super({ ...options, decodeStrings: false });
    this.#loop = loop;
    this.#giveUp = giveUp;
    loop._dependents.add(this);
  }

  override get bytesRead(): number {
    return this.#read;
  }

  override get bytesWritten(): number {
    return this.#written + this.writableLength - this.#pendingSize;
  }

  /** Goes on over this connection, which nobody else may read from. */
  open({ transport, loop, before, bytes, ended, lost }: Connection): void {
    this.#moveTo(loop);
    if (this.destroyed) {
      transport.abort();
      return;
    }
    this._connected(transport);
    if (loop.isClosed()) {
      this.loopClosed();
      return;
    }
    if (transport.isClosing()) {
      this.#gone = true;
      this.destroy(lost ?? new RuntimeError(`toDuplex() of a closed transport: ${transport}`));
      return;
    }
    transport.setProtocol(new DuplexProtocol(this, before));
    this.#readingPaused = !transport.isReading();
    if (bytes !== null) this.received(bytes);
    if (ended) this.ended();
    const resume = this.#whenOpen;
    this.#whenOpen = null;
    resume?.();
  }

  received(data: Buffer): void {
    this.#read += data.length;
    this._active();
    if (this.push(data) || this.#readingPaused) return;
    this.#readingPaused = true;
    this._transport?.pauseReading();
  }

  ended(): void {
    this.push(null);
    // 'end' comes to those, too, who never read.
    this.read(0);
  }

  /** All has left. */
  drained(): void {
    if (this._transport?.getWriteBufferSize() !== 0) return;
    this._transport.setWriteBufferLimits();
    this.#finishPending(null);
  }

  connectionLost(exception: Error | null): void {
    this.#gone = true;
    if (this.#whenGone !== null) this.#whenGone();
    else this.destroy(exception ?? undefined);
  }

  /** The loop was closed, which closes sockets without a word. Who has sent all, and its end, loses nothing. */
  loopClosed(): void {
    const details = { message: 'Event loop is closed' };
    this.connectionLost(this.writableFinished ? null : systemError(UV_ECONNRESET, 'read', details));
  }

  override _read(): void {
    if (!this.#readingPaused || this._transport === null) return;
    this.#readingPaused = false;
    this._transport.resumeReading();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    const transport = this._transport;
    if (transport === null) {
      this.#postpone(done, () => this._write(chunk, encoding, done));
      return;
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    transport.write(bytes);
    this.#wrote(bytes.length, bytes !== chunk, done);
  }

  override _writev(chunks: Chunk[], done: Done): void {
    const transport = this._transport;
    if (transport === null) {
      this.#postpone(done, () => this._writev(chunks, done));
      return;
    }
    const list: Buffer[] = [];
    let size = 0;
    let ours = true;
    for (const { chunk, encoding } of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
      ours &&= bytes !== chunk;
      size += bytes.length;
      list.push(bytes);
    }
    transport.writelines(list);
    this.#wrote(size, ours, done);
  }

  /** The end is over when all before it has left: being destroyed then takes nothing away. */
  override _final(done: Done): void {
    const transport = this._transport;
    if (transport === null) {
      this.#postpone(done, () => this._final(done));
      return;
    }
    const halfCloses = transport.canWriteEof();
    if (halfCloses) transport.writeEof();
    else transport.close();
    if (transport.getWriteBufferSize() === 0 && !(halfCloses && transport.isClosing())) done();
    else this.#waitUntilSent(transport, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._stopTimer();
    this.#finishPending(error ?? new RuntimeError('The connection was closed before all was sent'));
    const transport = this._transport;
    if (transport === null) this.#giveUp();
    if (transport === null || this.#gone) {
      this.#forgotten(error, done);
      return;
    }
    this.#whenGone = () => this.#forgotten(error, done);
    // What was written just now is tried once, as net.Sockets do at the write.
    transport.close();
    transport.abort();
  }

  /** @param ours whether nobody else has the memory, which need not have left then */
  #wrote(size: number, ours: boolean, done: Done): void {
    const transport = this._transport as Transport & SocketTransportControls;
    this.#written += size;
    this._active();
    const allowed = ours ? this.writableHighWaterMark : 0;
    if (transport.getWriteBufferSize() > allowed) transport._flush?.();
    if (transport.getWriteBufferSize() <= allowed && !transport.isClosing()) {
      done();
      return;
    }
    this.#pendingSize = size;
    this.#waitUntilSent(transport, done);
  }

  /** Has the transport tell when nothing is left. */
  #waitUntilSent(transport: Transport, done: Done): void {
    this.#pending = done;
    transport.setWriteBufferLimits({ high: 0 });
  }

  #postpone(done: Done, resume: () => void): void {
    this.#pending = done;
    this.#whenOpen = () => {
      this.#pending = null;
      resume();
    };
  }

  #finishPending(error: Error | null): void {
    const done = this.#pending;
    this.#pending = null;
    this.#pendingSize = 0;
    done?.(error);
  }

  #moveTo(loop: Scheduler): void {
    this.#loop._dependents.delete(this);
    this.#loop = loop;
    if (!this.destroyed) loop._dependents.add(this);
  }

  #forgotten(error: Error | null, done: (error: Error | null) => void): void {
    this.#whenGone = null;
    this.#loop._dependents.delete(this);
    done(error);
  }
}

/** Passes a transport's events on, and those that others wait for to them as well. */
class DuplexProtocol extends Protocol {
  readonly #duplex: TransportDuplex;
  readonly #before: StreamFlowControl | null;

  constructor(duplex: TransportDuplex, before: StreamFlowControl | null) {
    super();
    this.#duplex = duplex;
    this.#before = before;
  }

  override dataReceived(data: Buffer): void {
    this.#duplex.received(data);
  }

  /** The stream decides whether to go on sending: allowHalfOpen. */
  override eofReceived(): boolean {
    this.#duplex.ended();
    return true;
  }

  override pauseWriting(): void {
    this.#before?.pauseWriting();
  }

  override resumeWriting(): void {
    this.#before?.resumeWriting();
    this.#duplex.drained();
  }

  override connectionLost(exception: Error | null): void {
    this.#before?.connectionLost(exception);
    this.#duplex.connectionLost(exception);
  }
}
