/**
 * openConnection(), startServer() and their unix variants: asyncio's streams.
 *
 * Each joins a transport of the loop with a StreamReader and a StreamWriter. Invariant: nothing is opened when an
 * argument is wrong.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { SocketAddress } from '../binding/contract.js';
import { outsideTasks } from '../core/context.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Server } from '../io/server.js';
import type { Transport } from '../io/transports.js';
import type { ConnectOptions } from '../loop/connections.js';
import { getEventLoop } from '../loop/current.js';
import type { EventLoop } from '../loop/event_loop.js';
import type { ServeOptions } from '../loop/serving.js';
import type { UnixConnectOptions, UnixPath, UnixServeOptions } from '../loop/unix.js';
import { CallSite } from '../util/call_site.js';
import { checkOptions } from '../util/check.js';
import { Incoming, type StreamPair } from './incoming.js';
import {
  asCoroutineFunction,
  type ClientConnectedCallback,
  StreamReaderProtocol,
} from './stream_protocol.js';
import { checkLimit, StreamReader } from './stream_reader.js';
import { StreamWriter } from './stream_writer.js';

/** What the functions that open streams take for the reader. */
export interface StreamOptions {
  /** The longest line, and half of what is buffered at most, in bytes; 64 KiB by default. */
  limit?: number;
}

/** What openConnection() takes: the options of createConnection(), and those of the streams. */
export interface OpenConnectionOptions extends ConnectOptions, StreamOptions {}

/** What startServer() takes: the options of createServer(), and those of the streams. */
export interface StartServerOptions extends ServeOptions, StreamOptions {}

/** What openUnixConnection() takes: the options of createUnixConnection(), and those of the streams. */
export interface OpenUnixConnectionOptions extends UnixConnectOptions, StreamOptions {}

/** What startUnixServer() takes: the options of createUnixServer(), and those of the streams. */
export interface StartUnixServerOptions extends UnixServeOptions, StreamOptions {}

/**
 * Connects to `host` and `port`: asyncio.open_connection.
 *
 * @param host a name or an address; null with `options.sock`
 * @returns a future of `[reader, writer]`; it fails with the system's error, and cancelling it gives the attempt up
 * @throws TypeError or RangeError
 */
export function openConnection(
  host?: string | null,
  port?: number | null,
  options?: OpenConnectionOptions,
): Future<StreamPair> {
  return open(openConnection, options, (loop, factory) =>
    loop.createConnection(factory, host, port, options),
  );
}

/**
 * Connects to the unix socket `path`: asyncio.open_unix_connection.
 *
 * @param path a file, or an abstract name that begins with a NUL
 * @returns a future of `[reader, writer]`, as openConnection()
 * @throws TypeError or RangeError
 */
export function openUnixConnection(
  path?: UnixPath | null,
  options?: OpenUnixConnectionOptions,
): Future<StreamPair> {
  return open(openUnixConnection, options, (loop, factory) =>
    loop.createUnixConnection(factory, path, options),
  );
}

/**
 * Listens on `host` and `port`, and calls `clientConnectedCb(reader, writer)` for every connection:
 * asyncio.start_server.
 *
 * The call is a task, in the async context of this one. An error that it throws goes to the loop's exception
 * handler, and closes the connection, as its cancellation does; else that stays until the writer is closed.
 *
 * @param clientConnectedCb a plain, async or generator function; with null the server is iterated over for its
 *   connections, `for await (const [reader, writer] of server)`, of which it accepts as many in advance as its backlog
 * @param host a name, an address, a list of them, or null for all interfaces
 * @param port 0 for any free one
 * @returns a future of the Server
 * @throws TypeError or RangeError
 */
export function startServer(
  clientConnectedCb: ClientConnectedCallback,
  host?: string | readonly string[] | null,
  port?: number | null,
  options?: StartServerOptions,
): Future<Server>;
export function startServer(
  clientConnectedCb: null,
  host?: string | readonly string[] | null,
  port?: number | null,
  options?: StartServerOptions,
): Future<Server<SocketAddress, StreamPair>>;
export function startServer(
  clientConnectedCb: ClientConnectedCallback | null,
  host?: string | readonly string[] | null,
  port?: number | null,
  options?: StartServerOptions,
): Future<Server | Server<SocketAddress, StreamPair>> {
  return listen(startServer, clientConnectedCb, options, (loop, factory) =>
    loop.createServer(factory, host, port, options),
  );
}

/**
 * Listens on the unix socket `path`, and calls `clientConnectedCb(reader, writer)` for every connection, as startServer():
 * asyncio.start_unix_server.
 *
 * @param path a file, or an abstract name that begins with a NUL
 * @returns a future of the Server, which removes the file when it is closed
 * @throws TypeError or RangeError
 */
export function startUnixServer(
  clientConnectedCb: ClientConnectedCallback,
  path?: UnixPath | null,
  options?: StartUnixServerOptions,
): Future<Server<string>>;
export function startUnixServer(
  clientConnectedCb: null,
  path?: UnixPath | null,
  options?: StartUnixServerOptions,
): Future<Server<string, StreamPair>>;
export function startUnixServer(
  clientConnectedCb: ClientConnectedCallback | null,
  path?: UnixPath | null,
  options?: StartUnixServerOptions,
): Future<Server<string> | Server<string, StreamPair>> {
  return listen(startUnixServer, clientConnectedCb, options, (loop, factory) =>
    loop.createUnixServer(factory, path, options),
  );
}

type Factory = () => StreamReaderProtocol;
type Entry = (...args: never[]) => unknown;

function open(
  entry: Entry,
  options: StreamOptions | undefined,
  connect: (
    loop: EventLoop,
    factory: Factory,
  ) => Future<[Transport | Transport<string>, StreamReaderProtocol]>,
): Future<StreamPair> {
  const loop = getEventLoop();
  checkOptions(options);
  const reader = new StreamReader({ limit: checkLimit(options?.limit), loop });
  const protocol = new StreamReaderProtocol(reader, null, { loop });
  const connecting = connect(loop, () => protocol);
  const site = new CallSite(entry);
  const body = function* (): OperationBody<StreamPair> {
    const [transport] = yield* received(connecting, site);
    return [reader, new StreamWriter(transport as Transport, protocol, reader, loop)];
  };
  return new Operation(loop, body(), [connecting as Future]);
}

function listen<A>(
  entry: Entry,
  clientConnectedCb: ClientConnectedCallback | null,
  options: StreamOptions | undefined,
  start: (loop: EventLoop, factory: Factory) => Future<Server<A>>,
): Future<Server<A, StreamPair>> {
  const loop = getEventLoop();
  const callback = clientConnectedCb === null ? null : asCoroutineFunction(clientConnectedCb);
  checkOptions(options);
  const limit = checkLimit(options?.limit);
  const incoming = callback === null ? new Incoming(loop, limit) : null;
  const context = outsideTasks(() => AsyncLocalStorage.snapshot());
  const starting = start(
    loop,
    () =>
      incoming?.makeProtocol() ??
      new StreamReaderProtocol(new StreamReader({ limit, loop }), callback, { loop, context }),
  );
  const site = new CallSite(entry);
  const body = function* (): OperationBody<Server<A, StreamPair>> {
    const server = (yield* received(starting, site)) as Server<A, StreamPair>;
    incoming?.serve(server);
    return server;
  };
  return new Operation(loop, body(), [starting as Future]);
}

/** What `opening` gives; its errors begin at `site`. */
function* received<T>(opening: Future<T>, site: CallSite): OperationBody<T> {
  try {
    return yield* opening;
  } catch (error) {
    site.claim(error);
    throw error;
  }
}
