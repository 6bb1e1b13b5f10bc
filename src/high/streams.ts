/**
 * openConnection() and startServer(): asyncio's streams over TCP.
 *
 * Each joins a transport of the loop with a StreamReader and a StreamWriter. Invariant: nothing is opened when an
 * argument is wrong.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { outsideTasks } from '../core/context.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Server } from '../io/server.js';
import type { ConnectOptions, ServeOptions } from '../loop/connections.js';
import { getEventLoop } from '../loop/current.js';
import { checkOptions } from '../util/check.js';
import { CallSite } from '../util/system_error.js';
import {
  asCoroutineFunction,
  type ClientConnectedCallback,
  StreamReaderProtocol,
} from './stream_protocol.js';
import { checkLimit, StreamReader } from './stream_reader.js';
import { StreamWriter } from './stream_writer.js';

export interface StreamOptions {
  /** The reader's limit: see StreamReaderOptions. */
  limit?: number;
}

export interface OpenConnectionOptions extends ConnectOptions, StreamOptions {}

export interface StartServerOptions extends ServeOptions, StreamOptions {}

/** The two ends of a stream. */
export type StreamPair = [reader: StreamReader, writer: StreamWriter];

/**
 * Connects to `host` and `port`: asyncio.open_connection.
 *
 * @returns a future of `[reader, writer]`; it fails with the system's error, and cancelling it gives the attempt up
 * @throws TypeError or RangeError
 */
export function openConnection(
  host: string,
  port: number,
  options?: OpenConnectionOptions,
): Future<StreamPair> {
  const loop = getEventLoop();
  checkOptions(options);
  const limit = checkLimit(options?.limit);
  const reader = new StreamReader({ limit, loop });
  const protocol = new StreamReaderProtocol(reader, null, { loop });
  const connecting = loop.createConnection(() => protocol, host, port, options);
  const site = new CallSite(openConnection);
  return new Operation(
    loop,
    (function* (): OperationBody<StreamPair> {
      const [transport] = yield* received(connecting, site);
      return [reader, new StreamWriter(transport, protocol, reader, loop)];
    })(),
  );
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

/**
 * Listens on `host` and `port`, and calls `clientConnectedCb(reader, writer)` for every connection:
 * asyncio.start_server.
 *
 * The call is a task, in the async context of this one. An error that it throws goes to the loop's exception
 * handler, and closes the connection, as its cancellation does; else that stays until the writer is closed.
 *
 * @param clientConnectedCb a plain, async or generator function
 * @param host a name, an address, a list of them, or null for all interfaces
 * @param port 0 for any free one
 * @returns a future of the Server
 * @throws TypeError or RangeError
 */
export function startServer(
  clientConnectedCb: ClientConnectedCallback,
  host?: string | readonly string[] | null,
  port?: number,
  options?: StartServerOptions,
): Future<Server> {
  const loop = getEventLoop();
  const callback = asCoroutineFunction(clientConnectedCb);
  checkOptions(options);
  const limit = checkLimit(options?.limit);
  const context = outsideTasks(() => AsyncLocalStorage.snapshot());
  const factory = () =>
    new StreamReaderProtocol(new StreamReader({ limit, loop }), callback, { loop, context });
  const starting = loop.createServer(factory, host, port, options);
  return new Operation(loop, received(starting, new CallSite(startServer)));
}
