/**
 * What a loop opens that carries streams of bytes: servers, connections and pipes.
 *
 * The methods of asyncio's AbstractEventLoop for these; connections, unix and pipes beside this file do the work.
 * Arguments are checked before anything is opened.
 */

import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import type { DescriptorSource } from '../io/descriptors.js';
import type { BaseProtocol, ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import type { Server } from '../io/server.js';
import {
  clientSettings,
  type ServerSslOptions,
  type SslContext,
  serverSettings,
} from '../io/tls_options.js';
import type { ReadTransport, Transport, WriteTransport } from '../io/transports.js';
import { type ConnectOptions, connect } from './connections.js';
import { connectAccepted, connectRead, connectWrite } from './pipes.js';
import { type ServeOptions, serve } from './serving.js';
import { SocketLoop } from './socket_loop.js';
import { behindTls, openWithTls, type StartTlsCallOptions, startTls } from './tls.js';
import {
  connectUnix,
  serveUnix,
  type UnixConnectOptions,
  type UnixPath,
  type UnixServeOptions,
} from './unix.js';

/** What connectAcceptedSocket() takes. */
export interface AcceptedSocketOptions extends AbortOptions, ServerSslOptions {}

export abstract class StreamLoop extends SocketLoop {
  /**
   * Listens on `host` and `port`, or on the socket `options.sock`, and makes a protocol for every connection:
   * asyncio's create_server.
   *
   * @param host a name, an address, a list of them, or null for all interfaces
   * @param port 0 for any free one
   * @returns a future of the Server
   * @throws TypeError or RangeError; system errors come through the future
   */
  createServer<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    host?: string | readonly string[] | null,
    port?: number | null,
    options?: ServeOptions,
  ): Future<Server> {
    const settings = serverSettings(options);
    const factory =
      settings === null ? protocolFactory : behindTls(this, protocolFactory, settings);
    return serve(this, factory, host, port, options);
  }

  /**
   * Connects to `host` and `port`, or takes over `options.sock`, which is connected: asyncio's create_connection.
   *
   * @returns a future of `[transport, protocol]`; cancelling it gives the attempt up
   * @throws TypeError or RangeError; system errors come through the future
   */
  createConnection<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    host?: string | null,
    port?: number | null,
    options?: ConnectOptions,
  ): Future<[Transport, P]> {
    const settings = clientSettings(options, host);
    return openWithTls(
      this,
      this.createConnection,
      protocolFactory,
      settings,
      (factory) => connect(this, factory, host, port, options),
      options,
    );
  }

  /**
   * Listens on a unix socket, and makes a protocol for every connection. A stale socket in its place is
   * removed first. asyncio's create_unix_server.
   *
   * @param path a path, or a name that begins with a zero byte (Linux's abstract ones)
   * @returns a future of the Server, which removes the socket's file when it is closed
   * @throws TypeError or RangeError; system errors come through the future
   */
  createUnixServer<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    path?: UnixPath | null,
    options?: UnixServeOptions,
  ): Future<Server<string>> {
    const settings = serverSettings(options);
    const factory =
      settings === null ? protocolFactory : behindTls(this, protocolFactory, settings);
    return serveUnix(this, factory, path, options);
  }

  /**
   * Connects to a unix socket; tries again while the server's queue is full. asyncio's create_unix_connection.
   *
   * @returns a future of `[transport, protocol]`; cancelling it gives the attempt up
   * @throws TypeError or RangeError; system errors come through the future
   */
  createUnixConnection<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    path?: UnixPath | null,
    options?: UnixConnectOptions,
  ): Future<[Transport<string>, P]> {
    const settings = clientSettings(options, null);
    return openWithTls(
      this,
      this.createUnixConnection,
      protocolFactory,
      settings,
      (factory) => connectUnix(this, factory, path, options),
      options,
    );
  }

  /**
   * Reads from one end of a pipe, a FIFO, a socket or a terminal, which becomes non-blocking. The
   * transport owns `pipe` and closes it. asyncio's connect_read_pipe.
   *
   * @param pipe a file descriptor, or an object with one as its `fd` (a FileHandle, process.stdin …)
   * @returns a future of `[transport, protocol]`
   * @throws TypeError or RangeError; system errors come through the future
   */
  connectReadPipe<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    pipe: DescriptorSource,
    options?: AbortOptions,
  ): Future<[ReadTransport<string>, P]> {
    return connectRead(this, protocolFactory, pipe, options);
  }

  /** Writes to one end of a pipe, a FIFO, a socket or a terminal; as connectReadPipe(): asyncio's connect_write_pipe. */
  connectWritePipe<P extends BaseProtocol>(
    protocolFactory: () => P,
    pipe: DescriptorSource,
    options?: AbortOptions,
  ): Future<[WriteTransport<string>, P]> {
    return connectWrite(this, protocolFactory, pipe, options);
  }

  /**
   * Makes a transport of a connected stream socket that was accepted, or made, outside of the loop. The
   * transport owns `socket` and closes it. asyncio's connect_accepted_socket.
   *
   * @param socket a file descriptor, or an object with one as its `fd`
   * @returns a future of `[transport, protocol]`
   * @throws TypeError or RangeError; system errors come through the future
   */
  connectAcceptedSocket<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    socket: DescriptorSource,
    options?: AcceptedSocketOptions,
  ): Future<[Transport | Transport<string>, P]> {
    const settings = serverSettings(options);
    return openWithTls(
      this,
      this.connectAcceptedSocket,
      protocolFactory,
      settings,
      (factory) =>
        connectAccepted(this, factory, socket, options) as Future<
          [Transport, ReturnType<typeof factory>]
        >,
      options,
    );
  }

  /**
   * Goes on with TLS over a transport, from its next byte on: asyncio's start_tls.
   *
   * @param transport of a socket, or one with TLS already; it must not be used any more
   * @param protocol the one that goes on; connectionMade is not called again
   * @param sslcontext a SecureContext, or options as tls.connect() and tls.createServer() take them
   * @returns a future of the new transport; when it fails the connection is over, unless the signal had aborted before
   * @throws TypeError or RangeError
   */
  startTls(
    transport: Transport | Transport<string>,
    protocol: StreamProtocol,
    sslcontext: SslContext,
    options?: StartTlsCallOptions,
  ): Future<Transport> {
    return startTls(this, transport as Transport, protocol, sslcontext, options);
  }
}
