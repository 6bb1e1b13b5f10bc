/**
 * Protocols: what a program implements to be told of a connection's events. asyncio's classes.
 *
 * Every method has an empty default, so that a subclass writes only what it cares about. The order of
 * calls is connectionMade, then data (or buffers), perhaps eofReceived, then connectionLost, once.
 */

import type { SocketAddress } from '../binding/contract.js';
import { typeError } from '../util/check.js';
import type {
  BaseTransport,
  DatagramTransport,
  SubprocessTransport,
  Transport,
} from './transports.js';

/** What all protocols of connections have: asyncio.BaseProtocol. */
export class BaseProtocol {
  /** Comes first, and once. */
  connectionMade(_transport: BaseTransport): void {}

  /** The last call: null when the connection was closed by EOF, close() or abort(). */
  connectionLost(_exception: Error | null): void {}

  /** The write buffer passed its high-water mark. */
  pauseWriting(): void {}

  /** The write buffer fell to its low-water mark. */
  resumeWriting(): void {}
}

/** A protocol for streams: asyncio.Protocol. */
export class Protocol extends BaseProtocol {
  /** Comes first, and once: the connection is there, to write to. */
  override connectionMade(_transport: Transport): void {}

  /** Bytes arrived. The buffer is the protocol's to keep; it is never written to again. */
  dataReceived(_data: Buffer): void {}

  /** The peer sends no more. Return true to keep sending; otherwise the transport closes itself. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a method that returns nothing is the common case
  eofReceived(): boolean | void {}
}

/** A protocol for streams that provides the memory itself: asyncio.BufferedProtocol. */
export class BufferedProtocol extends BaseProtocol {
  /** Comes first, and once: the connection is there, to write to. */
  override connectionMade(_transport: Transport): void {}

  /** Memory for the next read; not empty. `sizeHint` is a suggestion, or -1. */
  getBuffer(_sizeHint: number): Uint8Array {
    throw new Error('getBuffer() is not implemented');
  }

  /** The first `size` bytes of that memory were filled. */
  bufferUpdated(_size: number): void {}

  /** As Protocol.eofReceived. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a method that returns nothing is the common case
  eofReceived(): boolean | void {}
}

/** A protocol for datagrams: asyncio.DatagramProtocol. */
export class DatagramProtocol extends BaseProtocol {
  /** Comes first, and once: the socket is open, to send from. */
  override connectionMade(_transport: DatagramTransport): void {}

  /** A datagram arrived, perhaps an empty one. The buffer is the protocol's to keep. */
  datagramReceived(_data: Buffer, _addr: SocketAddress): void {}

  /** An earlier send or receive failed, as with ECONNREFUSED when nobody listens there. */
  errorReceived(_error: Error): void {}
}

/**
 * A protocol for subprocesses: asyncio.SubprocessProtocol. processExited may come before or after the
 * ends of the pipes; connectionLost is called when all of them have come.
 */
export class SubprocessProtocol extends BaseProtocol {
  /** Comes first, and once: the program has been started. */
  override connectionMade(_transport: SubprocessTransport): void {}

  /** The program wrote `data` to its descriptor `fd`. The buffer is the protocol's to keep. */
  pipeDataReceived(_fd: number, _data: Buffer): void {}

  /** The pipe to the program's descriptor `fd` is at its end. */
  pipeConnectionLost(_fd: number, _exception: Error | null): void {}

  /** The program has ended; a process that it started may still hold its pipes. */
  processExited(): void {}
}

/**
 * A protocol for subprocesses that provides the memory for what they write: what BufferedProtocol is to Protocol.
 * asyncio has none. Reading into memory that is used again costs about half of what new memory costs.
 */
export class BufferedSubprocessProtocol extends SubprocessProtocol {
  /** Memory for what the program writes next to its descriptor `fd`; not empty. `sizeHint` is a suggestion. */
  getPipeBuffer(_fd: number, _sizeHint: number): Uint8Array {
    throw new Error('getPipeBuffer() is not implemented');
  }

  /** The first `size` bytes of that memory were filled. */
  pipeBufferUpdated(_fd: number, _size: number): void {}
}

/** A protocol of either kind. A plain object with the same methods serves as well. */
export type StreamProtocol = Protocol | BufferedProtocol;

/** Makes a protocol for a connection. */
export type ProtocolFactory<P extends StreamProtocol = StreamProtocol> = () => P;

export function isBuffered(protocol: StreamProtocol): protocol is BufferedProtocol {
  return typeof (protocol as Partial<BufferedProtocol>).getBuffer === 'function';
}

/** @throws TypeError when `protocol` lacks the methods that a stream needs */
export function checkStreamProtocol(protocol: unknown): void {
  checkBaseProtocol(protocol);
  const candidate = protocol as Partial<Protocol & BufferedProtocol>;
  const buffered = typeof candidate.getBuffer === 'function';
  checkMethods(protocol, buffered ? ['bufferUpdated'] : ['dataReceived']);
}

/** @throws TypeError when `protocol` lacks the methods that every protocol has */
export function checkBaseProtocol(protocol: unknown): void {
  checkMethods(protocol, ['connectionMade', 'connectionLost']);
}

function checkMethods(protocol: unknown, required: readonly string[]): void {
  const candidate = protocol as Record<string, unknown> | null | undefined;
  for (const method of required) {
    if (typeof candidate?.[method] !== 'function') {
      throw typeError('protocol', `a Protocol (an object with a method '${method}')`, protocol);
    }
  }
}

export function providesPipeBuffers(
  protocol: SubprocessProtocol,
): protocol is BufferedSubprocessProtocol {
  return typeof (protocol as Partial<BufferedSubprocessProtocol>).getPipeBuffer === 'function';
}

/** @throws TypeError when `protocol` lacks the methods that subprocesses need */
export function checkSubprocessProtocol(protocol: unknown): void {
  checkBaseProtocol(protocol);
  const buffered = providesPipeBuffers(protocol as SubprocessProtocol);
  const data = buffered ? 'pipeBufferUpdated' : 'pipeDataReceived';
  checkMethods(protocol, [data, 'pipeConnectionLost', 'processExited']);
}

/** @throws TypeError when `protocol` lacks the methods that datagrams need */
export function checkDatagramProtocol(protocol: unknown): void {
  const candidate = protocol as Partial<DatagramProtocol> | null | undefined;
  for (const method of ['connectionMade', 'connectionLost', 'datagramReceived'] as const) {
    if (typeof candidate?.[method] !== 'function') {
      throw typeError(
        'protocol',
        `a DatagramProtocol (an object with a method '${method}')`,
        protocol,
      );
    }
  }
}
