/**
 * One end of a pipe, a FIFO, a socket or a terminal that somebody else has opened, as a transport for
 * one direction: asyncio's _UnixReadPipeTransport and _UnixWritePipeTransport.
 *
 * A read transport ends with end-of-file, whatever eofReceived() returns. A write transport ends when
 * its reader is gone: with EPIPE if there was something left to send.
 */

import { native } from '../binding/addon.js';
import { type PipeWrap, STREAM_HANGUP } from '../binding/contract.js';
import { RuntimeError } from '../core/exceptions.js';
import { systemError, UV_EPIPE } from '../util/system_error.js';
import { checkDescriptor, type DescriptorSource, ownerOf, takeOver } from './descriptors.js';
import { checkBaseProtocol, type StreamProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import { StreamTransport, type TransportOwner } from './stream_transport.js';
import type { TransportSocket } from './transports.js';

/** Where an end of a pipe comes from. */
export interface PipeEnd {
  /** What getExtraInfo('pipe') gives. */
  readonly pipe?: DescriptorSource;
  /** Told when its transport has gone. */
  readonly owner: TransportOwner | null;
  /** Opens it in `wrap`, which is `transport`'s; a negative code when that fails. */
  open(wrap: PipeWrap, writes: boolean, transport: object): number;
}

/** An end that a program hands over, which is its transport's from here on. */
export function givenEnd(reactor: Reactor, pipe: DescriptorSource): PipeEnd {
  const descriptor = checkDescriptor('pipe', pipe);
  return {
    pipe,
    owner: ownerOf(reactor, pipe),
    open(wrap, writes, transport) {
      const error = wrap.adoptEnd(descriptor, writes);
      if (error === 0) takeOver(wrap, pipe, transport);
      return error;
    },
  };
}

abstract class PipeTransport extends StreamTransport<string> {
  readonly #direction: string;
  protected readonly _wrap: PipeWrap;
  readonly #pipe: DescriptorSource | undefined;

  /** @throws a system error, as EBADF when the end is not open for that direction */
  constructor(reactor: Reactor, protocol: StreamProtocol, end: PipeEnd, writes: boolean) {
    super(reactor, protocol, end.owner);
    this.#pipe = end.pipe;
    this.#direction = writes ? 'Write' : 'Read';
    this._wrap = new native.PipeWrap(reactor.wrap, this);
    const error = end.open(this._wrap, writes, this);
    if (error < 0) {
      this._wrap.close();
      throw systemError(error, 'open');
    }
  }

  /** @internal */
  _descriptor(): number {
    return this._wrap.getDescriptor();
  }

  protected override _beginning(protocol: StreamProtocol): string {
    const pipe = `${this.#direction} pipe ${this._wrap.getDescriptor()}`;
    return `${pipe} connected: (${this}, <${protocol.constructor.name}>)`;
  }

  override getExtraInfo(name: 'peername' | 'sockname'): string | undefined;
  override getExtraInfo(name: 'socket'): TransportSocket<string> | undefined;
  override getExtraInfo<D>(name: string, fallback?: D): unknown;
  override getExtraInfo(name: string, fallback?: unknown): unknown {
    return name === 'pipe' ? (this.#pipe ?? fallback) : fallback;
  }
}

/** What connectReadPipe() gives, and a child's output. */
export class ReadPipeTransport extends PipeTransport {
  constructor(reactor: Reactor, protocol: StreamProtocol, end: PipeEnd) {
    super(reactor, protocol, end, false);
  }

  override write(): void {
    throw new RuntimeError('Cannot write to a pipe that is for reading');
  }

  override writeEof(): void {
    this.write();
  }

  override canWriteEof(): boolean {
    return false;
  }

  protected override _endOfFile(): void {
    this.close();
  }
}

/** What connectWritePipe() gives, and a child's input. */
export class WritePipeTransport extends PipeTransport {
  constructor(reactor: Reactor, protocol: StreamProtocol, end: PipeEnd) {
    super(reactor, protocol, end, true);
  }

  override isReading(): boolean {
    return false;
  }

  /** Closing is the only way to tell the reader. */
  override writeEof(): void {
    this.close();
  }

  override onStreamEvent(event: number, status: number, size: number): void {
    if (event !== STREAM_HANGUP) super.onStreamEvent(event, status, size);
    else if (this.getWriteBufferSize() === 0) this.close();
    else this._systemFailed(UV_EPIPE, 'write');
  }

  protected override _checkProtocol(protocol: StreamProtocol): void {
    checkBaseProtocol(protocol);
  }

  protected override _startReading(): number {
    return this._wrap.watchHangup();
  }
}
