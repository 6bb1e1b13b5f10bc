/**
 * handOver() and takeOver(): an open connection goes from one thread's loop to another's.
 *
 * asyncio has no counterpart; programs pass descriptors there. What is passed here is a ticket for the descriptor.
 * Invariants: bytes arrive whole and in order, those that were read already included, and what was written has left before; the connection
 * has one owner at any time: the loop that it leaves, the ticket, the loop that takes it.
 */

import { native } from '../binding/addon.js';
import { type AbortOptions, checkAbortOptions } from '../core/abort.js';
import { RuntimeError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import type { ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import { Socket } from '../io/socket.js';
import { TcpTransport } from '../io/tcp.js';
import type { Transport } from '../io/transports.js';
import { UnixTransport } from '../io/unix.js';
import { getEventLoop } from '../loop/current.js';
import { abortTransport, start } from '../loop/opening.js';
import { checkFunction, typeError } from '../util/check.js';
import { systemError, UV_ECONNABORTED } from '../util/system_error.js';
import type { StreamPair } from './incoming.js';
import { StreamReaderProtocol } from './stream_protocol.js';
import { StreamReader } from './stream_reader.js';
import { StreamWriter } from './stream_writer.js';

const DURING_HANDOVER = 'unable to write; the connection is being handed over';

/** A connection between two loops: plain data for postMessage. Until it is taken it belongs to the thread that gave it. */
export interface HandedConnection {
  /** What it is taken by, once. */
  ticket: number;
  /** What had been read and nobody had used; of a Protocol's, what handOver() was told. */
  unread: Uint8Array;
}

/** What handOver() takes. */
export interface HandOverOptions extends AbortOptions {
  /** Bytes that a protocol has got and not used. */
  unread?: Uint8Array;
}

/**
 * Lets go of a connection, so that another loop can take it: stops reading, waits until what was written has left, and ends
 * the transport, whose protocol hears connectionLost(null). The connection itself stays open.
 *
 * @param connection a StreamWriter, or the transport of a TCP or unix connection without TLS
 * @returns a future of what to send to the other thread; cancelled, the connection stays where it is
 * @throws TypeError, or RuntimeError when the connection is closing, or nothing can be written to it any more
 */
export function handOver(
  connection: StreamWriter | Transport | Transport<string>,
  options?: HandOverOptions,
): Future<HandedConnection> {
  checkAbortOptions(options);
  const given = options?.unread;
  if (given !== undefined && !(given instanceof Uint8Array)) {
    throw typeError('unread', 'a Uint8Array', given);
  }
  const transport: unknown = connection instanceof StreamWriter ? connection.transport : connection;
  if (!(transport instanceof TcpTransport || transport instanceof UnixTransport)) {
    throw typeError('connection', 'one over TCP or a unix socket, without TLS', connection);
  }
  if (transport.isClosing()) throw new RuntimeError(`${transport} is closing`);
  const resumes = transport.isReading();
  const transfer = transport._beginTransfer(DURING_HANDOVER);
  transport.pauseReading();
  const leave = async (): Promise<HandedConnection> => {
    let ticket: number;
    try {
      await transfer.emptied;
      if (transport.isClosing()) throw systemError(UV_ECONNABORTED, 'handover');
      ticket = native.offerDescriptor(transport._descriptor());
      if (ticket < 0) throw systemError(ticket, 'dup');
    } catch (error) {
      transport._endTransfer(0);
      if (resumes) transport.resumeReading();
      throw error;
    }
    const protocol = transport.getProtocol();
    const unread =
      protocol instanceof StreamReaderProtocol ? Buffer.concat(protocol._takeUnread()) : given;
    transport.abort();
    return { ticket, unread: unread ?? new Uint8Array() };
  };
  return start(transport._loop, handOver, leave, withdraw, options);
}

/**
 * Goes on with a connection that another loop has let go: once, by whoever is first.
 *
 * @param protocolFactory makes its protocol, to which `handed.unread` is the caller's to give; without it, a reader and a
 *   writer go on, and the reader has what was unread
 * @returns a future of `[transport, protocol]` or `[reader, writer]`; it fails with RuntimeError when somebody else has taken it,
 *   or the thread that gave it has ended
 * @throws TypeError
 */
export function takeOver<P extends StreamProtocol>(
  handed: HandedConnection,
  protocolFactory: ProtocolFactory<P>,
  options?: AbortOptions,
): Future<[Transport | Transport<string>, P]>;
export function takeOver(
  handed: HandedConnection,
  protocolFactory?: null,
  options?: AbortOptions,
): Future<StreamPair>;
export function takeOver(
  handed: HandedConnection,
  protocolFactory?: ProtocolFactory | null,
  options?: AbortOptions,
): Future<[Transport | Transport<string>, StreamProtocol] | StreamPair> {
  checkHanded(handed);
  if (protocolFactory != null) checkFunction('protocolFactory', protocolFactory);
  const loop = getEventLoop();
  const enter = async () => {
    const socket = claim(handed);
    try {
      if (protocolFactory != null) return await loop.connectAcceptedSocket(protocolFactory, socket);
      const reader = new StreamReader({ loop });
      // Before anything else can come.
      if (handed.unread.byteLength > 0) reader.feedData(handed.unread);
      const protocol = new StreamReaderProtocol(reader, null, { loop });
      const [transport] = await loop.connectAcceptedSocket(() => protocol, socket);
      return [
        reader,
        new StreamWriter(transport as Transport, protocol, reader, loop),
      ] as StreamPair;
    } catch (error) {
      socket.close();
      throw error;
    }
  };
  return start(loop, takeOver, enter, endConnection, options) as Future<StreamPair>;
}

/** Closes a connection that nobody has taken. @returns false when somebody has @throws TypeError */
export function withdraw(handed: HandedConnection): boolean {
  checkHanded(handed);
  const descriptor = native.takeOffered(handed.ticket);
  if (descriptor < 0) return false;
  new Socket(4, 0, 0, { fileno: descriptor }).close();
  return true;
}

function claim({ ticket }: HandedConnection): Socket<unknown> {
  const descriptor = native.takeOffered(ticket);
  if (descriptor < 0) {
    throw new RuntimeError('the connection was taken before, or its thread has ended');
  }
  return new Socket<unknown>(4, 0, 0, { fileno: descriptor });
}

function checkHanded(handed: unknown): void {
  const { ticket, unread } = (handed ?? {}) as Partial<HandedConnection>;
  if (!Number.isSafeInteger(ticket) || !(unread instanceof Uint8Array)) {
    throw typeError('handed', 'what handOver() has given', handed);
  }
}

/** Ends what was taken for somebody who does not want it any more. */
function endConnection(pair: [Transport | Transport<string>, unknown] | StreamPair): void {
  if (pair[1] instanceof StreamWriter) pair[1].transport.abort();
  else abortTransport(pair as [Transport, unknown]);
}
