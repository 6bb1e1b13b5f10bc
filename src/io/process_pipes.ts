/**
 * The pipes between a transport of a subprocess and its program: asyncio's WriteSubprocessPipeProto and
 * ReadSubprocessPipeProto, and the transports that they have.
 */

import type { PipeWrap } from '../binding/contract.js';
import type { ProcessWrap } from '../binding/process_contract.js';
import { systemError } from '../util/system_error.js';
import { type PipeEnd, ReadPipeTransport, WritePipeTransport } from './pipe.js';
import type { PipeDirection } from './process_stdio.js';
import { type BufferedSubprocessProtocol, Protocol, type SubprocessProtocol } from './protocols.js';
import type { Reactor } from './reactor.js';
import type { StreamTransport } from './stream_transport.js';
import { UnixTransport } from './unix.js';

/** Who is told what happens on the pipes. */
export interface PipeListener {
  getProtocol(): SubprocessProtocol;
  _pipeDataReceived(fd: number, data: Buffer): void;
  _pipeBufferUpdated(fd: number, size: number): void;
  _pipeConnectionLost(fd: number, exception: Error | null): void;
}

/** The pipe to one descriptor of the program. */
export class ChildPipe extends Protocol {
  readonly transport: ReadPipeTransport | WritePipeTransport | UnixTransport;
  disconnected = false;
  /** There while the protocol provides the memory: what makes this a BufferedProtocol. */
  getBuffer: ((sizeHint: number) => Uint8Array) | undefined = undefined;
  readonly #fd: number;
  readonly #listener: PipeListener;

  /** @throws a system error */
  constructor(
    reactor: Reactor,
    wrap: ProcessWrap,
    fd: number,
    direction: PipeDirection,
    listener: PipeListener,
  ) {
    super();
    this.#fd = fd;
    this.#listener = listener;
    this.transport = this.#open(reactor, wrap, direction);
  }

  /** Begins to read. */
  start(buffered: boolean): void {
    this.provideBuffers(buffered);
    (this.transport as StreamTransport<string>)._start();
  }

  /** Whether the subprocess's protocol provides the memory that is read into. */
  provideBuffers(buffered: boolean): void {
    if (buffered === (this.getBuffer !== undefined)) return;
    const provide = (sizeHint: number) =>
      (this.#listener.getProtocol() as BufferedSubprocessProtocol).getPipeBuffer(
        this.#fd,
        sizeHint,
      );
    this.getBuffer = buffered ? provide : undefined;
    // A program may have given the pipe another protocol than this.
    if (this.transport.getProtocol() === this) this.transport.setProtocol(this);
  }

  bufferUpdated(size: number): void {
    this.#listener._pipeBufferUpdated(this.#fd, size);
  }

  override dataReceived(data: Buffer): void {
    this.#listener._pipeDataReceived(this.#fd, data);
  }

  override connectionLost(exception: Error | null): void {
    this.disconnected = true;
    this.#listener._pipeConnectionLost(this.#fd, exception);
  }

  override pauseWriting(): void {
    this.#listener.getProtocol().pauseWriting?.();
  }

  override resumeWriting(): void {
    this.#listener.getProtocol().resumeWriting?.();
  }

  #open(reactor: Reactor, wrap: ProcessWrap, direction: PipeDirection): ChildPipe['transport'] {
    const open = (pipe: PipeWrap) => wrap.openPipe(this.#fd, pipe);
    const end: PipeEnd = { owner: null, open };
    if (direction === 'write') return new WritePipeTransport(reactor, this, end);
    if (direction === 'read') return new ReadPipeTransport(reactor, this, end);
    const transport = new UnixTransport(reactor, this, null);
    const error = transport._open(open);
    if (error < 0) throw systemError(error, 'open');
    return transport;
  }
}
