/**
 * toDuplex() and fromDuplex(): between uvio's connections and Node's streams.
 *
 * So http, tls, ws, pg and whatever else wants a socket runs over uvio, and uvio's streams over anything that Node
 * calls a Duplex. asyncio has no counterpart. Invariant: bytes that have arrived before are not lost.
 */

import { addAbortSignal, type Duplex, type DuplexOptions } from 'node:stream';
import { type AbortOptions, checkAbortOptions } from '../core/abort.js';
import { isFuture } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import { ReadPipeTransport, WritePipeTransport } from '../io/pipe.js';
import type { Transport } from '../io/transports.js';
import { checkBoolean, checkInteger, checkOptions, typeError } from '../util/check.js';
import { DuplexTransport } from './duplex_transport.js';
import type { StreamPair } from './incoming.js';
import type { SocketDuplex, SocketTransportControls } from './socket_duplex.js';
import { StreamReaderProtocol } from './stream_protocol.js';
import { checkLimit, StreamReader } from './stream_reader.js';
import { StreamWriter } from './stream_writer.js';
import type { StreamOptions } from './streams.js';
import { type Connection, TransportDuplex } from './transport_duplex.js';

/** A connection, as a transport or as the two ends of a stream. */
export type DuplexSource = Transport | Transport<string> | StreamPair;

/** What toDuplex() takes, beside Node's own options of a Duplex. */
export interface ToDuplexOptions extends AbortOptions {
  /** Whether sending goes on after the peer's end-of-file; else that ends it, as with a net.Socket. */
  allowHalfOpen?: boolean;
  /** Bytes that each direction buffers before it waits; Node's default for streams. */
  highWaterMark?: number;
}

const TRANSPORT_METHODS = [
  'write',
  'writelines',
  'writeEof',
  'abort',
  'pauseReading',
  'resumeReading',
  'setProtocol',
  'getWriteBufferSize',
] as const;

/**
 * A Node stream over a connection, with what else a net.Socket has: for http.Server's 'connection', for
 * `createConnection` of http.request, for tls, ws, pg, ioredis.
 *
 * The connection is the stream's from then on: destroy() aborts it, end() ends it once all has left. A transport's
 * protocol hears no more of it; a StreamReader's bytes go to the stream.
 *
 * @param source a transport, `[reader, writer]`, or a promise of one, as openConnection() gives it: then the stream is
 *   `connecting` until it has the connection, and emits 'connect', or the attempt's error
 * @param options `signal` destroys the stream
 * @throws TypeError or RangeError, or RuntimeError while a read of the reader waits
 */
export function toDuplex(
  source: DuplexSource | PromiseLike<DuplexSource>,
  options?: ToDuplexOptions,
): SocketDuplex {
  const streamOptions = checkDuplexOptions(options);
  const duplex = isPromiseLike(source)
    ? connecting(source, streamOptions)
    : open(connectionOf(source), streamOptions);
  return options?.signal === undefined ? duplex : addAbortSignal(options.signal, duplex);
}

/**
 * The two ends of a stream over any Node stream of bytes in both directions: a TLSSocket, a net.Socket, an HTTP/2 stream.
 *
 * The stream is theirs from then on. `writer.getExtraInfo('duplex')` is the stream.
 *
 * @param options `limit` is the reader's, as in openConnection()
 * @throws TypeError or RangeError
 */
export function fromDuplex(duplex: Duplex, options?: StreamOptions): StreamPair {
  checkDuplex(duplex);
  checkOptions(options);
  const loop = defaultLoop();
  const reader = new StreamReader({ limit: checkLimit(options?.limit), loop });
  const protocol = new StreamReaderProtocol(reader, null, { loop });
  const transport = new DuplexTransport(loop, duplex, protocol);
  protocol.connectionMade(transport);
  return [reader, new StreamWriter(transport, protocol, reader, loop)];
}

function open(connection: Connection, options: DuplexOptions): TransportDuplex {
  const duplex = new TransportDuplex(connection.loop, options, () => {});
  duplex.open(connection);
  return duplex;
}

function connecting(source: PromiseLike<DuplexSource>, options: DuplexOptions): TransportDuplex {
  const future = isFuture(source) ? source : null;
  const duplex = new TransportDuplex(future?._loop ?? defaultLoop(), options, () =>
    future?.cancel(),
  );
  source.then(
    (made) => connected(duplex, made),
    (error) => duplex.destroy(error as Error),
  );
  return duplex;
}

function connected(duplex: TransportDuplex, source: DuplexSource): void {
  try {
    duplex.open(connectionOf(source));
  } catch (error) {
    duplex.destroy(error as Error);
    return;
  }
  if (duplex.destroyed) return;
  duplex.emit('connect');
  duplex.emit('ready');
}

function connectionOf(source: DuplexSource): Connection {
  const [reader, transport] = Array.isArray(source)
    ? checkPair(source)
    : [null, checkTransport(source)];
  const protocol = transport.getProtocol();
  const before = protocol instanceof StreamReaderProtocol ? protocol : null;
  const fed = reader ?? before?._reader ?? null;
  const loop = fed?._loop ?? (transport as SocketTransportControls)._loop ?? defaultLoop();
  const left = fed?._handOver() ?? { bytes: null, ended: false, exception: null };
  const lost = left.exception instanceof Error ? left.exception : null;
  return { transport, loop, before, bytes: left.bytes, ended: left.ended, lost };
}

function checkPair(source: StreamPair): [StreamReader, Transport] {
  const [reader, writer] = source;
  if (!(reader instanceof StreamReader) || !(writer instanceof StreamWriter)) {
    throw typeError('source', 'a transport or [reader, writer]', source);
  }
  return [reader, checkTransport(writer.transport)];
}

function checkTransport(source: DuplexSource): Transport {
  const candidate = source as unknown as Record<string, unknown> | null | undefined;
  if (!TRANSPORT_METHODS.every((method) => typeof candidate?.[method] === 'function')) {
    throw typeError('source', 'a transport of a byte stream, or [reader, writer]', source);
  }
  if (source instanceof ReadPipeTransport || source instanceof WritePipeTransport) {
    throw typeError('source', 'a transport for both directions', source);
  }
  return source as Transport;
}

function checkDuplexOptions(options: ToDuplexOptions | undefined): DuplexOptions {
  checkAbortOptions(options);
  const { allowHalfOpen = false, highWaterMark } = options ?? {};
  checkBoolean('allowHalfOpen', allowHalfOpen);
  const checked: DuplexOptions = { allowHalfOpen };
  if (highWaterMark !== undefined) {
    checkInteger('highWaterMark', highWaterMark, 0, Number.MAX_SAFE_INTEGER);
    checked.highWaterMark = highWaterMark;
  }
  return checked;
}

function checkDuplex(duplex: Duplex): void {
  const candidate = duplex as unknown as Record<string, unknown> | null | undefined;
  for (const method of ['read', 'write', 'end', 'destroy', 'on'] as const) {
    if (typeof candidate?.[method] !== 'function') {
      throw typeError('duplex', 'a Duplex', duplex);
    }
  }
  if (duplex.readableObjectMode || duplex.writableObjectMode || duplex.readableEncoding !== null) {
    throw typeError('duplex', 'a Duplex of bytes, not of objects or text', duplex);
  }
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function';
}
