/**
 * connectReadPipe, connectWritePipe and connectAcceptedSocket: transports over descriptors that somebody
 * else has opened.
 *
 * The transport owns what it is given from the moment at which the call cannot fail any more. It works on
 * a duplicate, so that nobody can close the descriptor that the loop watches.
 */

import { fstatSync, type Stats } from 'node:fs';
import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import {
  checkDescriptor,
  checkStreamSocket,
  type DescriptorSource,
  ownerOf,
} from '../io/descriptors.js';
import { givenEnd, ReadPipeTransport, WritePipeTransport } from '../io/pipe.js';
import type { BaseProtocol, ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import type { StreamTransport } from '../io/stream_transport.js';
import { type TcpSettings, TcpTransport } from '../io/tcp.js';
import type { ReadTransport, Transport, WriteTransport } from '../io/transports.js';
import { UnixTransport } from '../io/unix.js';
import { checkFunction, valueError } from '../util/check.js';
import { abortTransport, start, startTransport } from './opening.js';
import type { StreamLoop } from './stream_loop.js';

/** Makes the protocol and the transport, and waits until connectionMade() has been called. */
function connect<P, T extends StreamTransport<unknown>>(
  loop: StreamLoop,
  entry: (...args: never[]) => unknown,
  protocolFactory: () => P,
  makeTransport: (protocol: StreamProtocol) => T,
  options: AbortOptions | undefined,
): Future<[T, P]> {
  const open = async (): Promise<[T, P]> => {
    const protocol = protocolFactory();
    const transport = makeTransport(protocol as StreamProtocol);
    await startTransport(loop, transport);
    return [transport, protocol];
  };
  return start(loop, entry, open, abortTransport, options);
}

/** Checks what all three functions take; the descriptor. */
function checkArguments(
  loop: StreamLoop,
  protocolFactory: unknown,
  argument: string,
  source: DescriptorSource,
): number {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  return checkDescriptor(argument, source);
}

function isPipe(status: Stats): boolean {
  return status.isFIFO() || status.isSocket() || status.isCharacterDevice();
}

export function connectRead<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  pipe: DescriptorSource,
  options: AbortOptions | undefined,
): Future<[ReadTransport<string>, P]> {
  const descriptor = checkArguments(loop, protocolFactory, 'pipe', pipe);
  const makeTransport = (protocol: StreamProtocol) => {
    if (!isPipe(fstatSync(descriptor))) {
      throw valueError('Pipe transport is for pipes/sockets only.');
    }
    return new ReadPipeTransport(loop._reactor, protocol, givenEnd(loop._reactor, pipe));
  };
  return connect(loop, loop.connectReadPipe, protocolFactory, makeTransport, options);
}

export function connectWrite<P extends BaseProtocol>(
  loop: StreamLoop,
  protocolFactory: () => P,
  pipe: DescriptorSource,
  options: AbortOptions | undefined,
): Future<[WriteTransport<string>, P]> {
  const descriptor = checkArguments(loop, protocolFactory, 'pipe', pipe);
  const makeTransport = (protocol: StreamProtocol) => {
    if (!isPipe(fstatSync(descriptor))) {
      throw valueError('Pipe transport is only for pipes, sockets and character devices');
    }
    return new WritePipeTransport(loop._reactor, protocol, givenEnd(loop._reactor, pipe));
  };
  return connect(loop, loop.connectWritePipe, protocolFactory, makeTransport, options);
}

export function connectAccepted<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  socket: DescriptorSource,
  options: AbortOptions | undefined,
): Future<[Transport | Transport<string>, P]> {
  checkArguments(loop, protocolFactory, 'socket', socket);
  return adoptConnected(loop, loop.connectAcceptedSocket, protocolFactory, socket, options);
}

/**
 * A transport over a connected stream socket: connectAcceptedSocket(), and `sock` of the functions that connect.
 *
 * @param kindOf refuses what it must not be
 */
export function adoptConnected<P extends StreamProtocol>(
  loop: StreamLoop,
  entry: (...args: never[]) => unknown,
  protocolFactory: ProtocolFactory<P>,
  socket: DescriptorSource,
  options: AbortOptions | undefined,
  kindOf: (socket: DescriptorSource) => 'tcp' | 'pipe' = checkStreamSocket,
  settings?: TcpSettings,
): Future<[Transport | Transport<string>, P]> {
  const makeTransport = (protocol: StreamProtocol) => {
    const kind = kindOf(socket);
    const owner = ownerOf(loop._reactor, socket);
    const transport: TcpTransport | UnixTransport =
      kind === 'tcp'
        ? new TcpTransport(loop._reactor, protocol, owner, settings)
        : new UnixTransport(loop._reactor, protocol, owner);
    transport._adopt(socket);
    return transport;
  };
  return connect(loop, entry, protocolFactory, makeTransport, options);
}
