/**
 * DuplexTransport: any Node stream of bytes in both directions as a transport; what fromDuplex() makes.
 *
 * It reads from the stream only while its protocol wants to, and tells the protocol of the stream's own buffer by
 * asyncio's marks. Invariant: the protocol is called from the loop's ready queue, and connectionLost once.
 */

import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import type { Runnable } from '../core/events.js';
import { RuntimeError } from '../core/exceptions.js';
import type { Scheduler } from '../core/scheduler.js';
import { toBytes } from '../io/bytes.js';
import { FlowControl } from '../io/flow_control.js';
import {
  type BufferedProtocol,
  checkStreamProtocol,
  isBuffered,
  type Protocol,
  type StreamProtocol,
} from '../io/protocols.js';
import type { Transport, WriteData } from '../io/transports.js';

export class DuplexTransport extends FlowControl implements Transport, Runnable {
  readonly #loop: Scheduler;
  readonly #duplex: Duplex;
  #protocol: StreamProtocol;
  #enqueued = false;
  #paused = false;
  /** The stream's end was read; the protocol knows. */
  #ended = false;
  #eofReceived = false;
  #eofWritten = false;
  #closing = false;
  #error: Error | null = null;
  #closed = false;
  #lost = false;
  readonly #written = () => this._bufferShrank();

  constructor(loop: Scheduler, duplex: Duplex, protocol: StreamProtocol) {
    super();
    this.#loop = loop;
    this.#duplex = duplex;
    this.#protocol = protocol;
    loop._dependents.add(this);
    // The protocol decides what follows the peer's end.
    duplex.allowHalfOpen = true;
    this.#ended = duplex.readableEnded;
    this.#error = duplex.errored;
    this.#closed = duplex.destroyed;
    duplex.on('readable', () => this.#enqueue());
    duplex.on('end', () => {
      this.#ended = true;
      this.#enqueue();
    });
    duplex.on('error', (error) => {
      this.#error ??= error;
    });
    duplex.on('close', () => {
      this.#closed = true;
      this.#enqueue();
    });
    this.#enqueue();
  }

  /** @internal */
  get _loop(): Scheduler {
    return this.#loop;
  }

  getExtraInfo(name: string, fallback?: unknown): never;
  getExtraInfo(name: string, fallback?: unknown): unknown {
    if (name === 'duplex') return this.#duplex;
    const of = { peername: 'remote', sockname: 'local' }[name];
    const socket = this.#duplex as unknown as Record<string, unknown>;
    const address = socket[`${of}Address`];
    if (typeof address !== 'string') return fallback;
    return { address, port: socket[`${of}Port`], family: socket[`${of}Family`] };
  }

  getProtocol(): StreamProtocol {
    return this.#protocol;
  }

  setProtocol(protocol: StreamProtocol): void {
    checkStreamProtocol(protocol);
    this.#protocol = protocol;
  }

  isClosing(): boolean {
    return this.#closing || this.#closed;
  }

  isReading(): boolean {
    return !this.isClosing() && !this.#paused && !this.#eofReceived;
  }

  pauseReading(): void {
    this.#paused = true;
  }

  resumeReading(): void {
    this.#paused = false;
    this.#enqueue();
  }

  override getWriteBufferSize(): number {
    return this.#duplex.writableLength;
  }

  /** @throws TypeError, or RuntimeError after writeEof() */
  write(data: WriteData): void {
    const bytes = toBytes(data);
    if (this.#eofWritten) throw new RuntimeError('Cannot call write() after writeEof()');
    if (bytes.byteLength === 0 || this.isClosing()) return;
    this.#duplex.write(bytes, this.#written);
    this._bufferGrew();
  }

  writelines(list: Iterable<WriteData>): void {
    this.#duplex.cork();
    try {
      for (const data of list) this.write(data);
    } finally {
      this.#duplex.uncork();
    }
  }

  canWriteEof(): boolean {
    return true;
  }

  writeEof(): void {
    if (this.#eofWritten || this.isClosing()) return;
    this.#eofWritten = true;
    this.#duplex.end();
  }

  close(): void {
    if (this.isClosing()) return;
    this.#closing = true;
    this.#duplex.end(() => this.#duplex.destroy());
  }

  abort(): void {
    this.#closing = true;
    this.#duplex.destroy();
  }

  /** @internal */
  loopClosed(): void {
    this.#duplex.destroy();
  }

  /** Tells the protocol what has happened. @internal */
  run(): void {
    this.#enqueued = false;
    try {
      while (this.isReading()) {
        const data = this.#duplex.read() as Buffer | null;
        if (data === null) break;
        this.#deliver(data);
      }
      if (this.#ended && this.isReading()) {
        this.#eofReceived = true;
        if (!this.#protocol.eofReceived?.()) this.close();
      }
      if (this.#closed) this.#lose();
    } catch (exception) {
      this.#loop.callExceptionHandler({
        message: 'Fatal error: a protocol call failed.',
        exception,
        transport: this,
        protocol: this.#protocol,
      });
      this.#error ??= exception instanceof Error ? exception : new Error(String(exception));
      this.abort();
    }
  }

  override toString(): string {
    const state = this.#lost ? 'closed' : this.isClosing() ? 'closing' : 'open';
    return `<DuplexTransport ${state} bufsize=${this.getWriteBufferSize()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  protected override _pauseProtocol(): void {
    this.#protocol.pauseWriting?.();
  }

  protected override _resumeProtocol(): void {
    this.#protocol.resumeWriting?.();
  }

  #enqueue(): void {
    if (this.#enqueued) return;
    this.#enqueued = true;
    this.#loop._enqueue(this);
  }

  #deliver(data: Buffer): void {
    if (!isBuffered(this.#protocol)) {
      (this.#protocol as Protocol).dataReceived(data);
      return;
    }
    for (let offset = 0; offset < data.length; ) {
      const protocol = this.#protocol as BufferedProtocol;
      const memory = protocol.getBuffer(data.length - offset);
      const size = data.copy(memory, 0, offset);
      if (size === 0) throw new RuntimeError('getBuffer() returned an empty buffer');
      protocol.bufferUpdated(size);
      offset += size;
    }
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#loop._dependents.delete(this);
    this.#protocol.connectionLost(this.#error);
  }
}
