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
import type { ReadTransport, Transport, WriteTransport } from '../io/transports.js';
import { type ConnectOptions, connect } from './connections.js';
import { connectAccepted, connectRead, connectWrite } from './pipes.js';
import { type ServeOptions, serve } from './serving.js';
import { SystemLoop } from './system_loop.js';
import { connectUnix, serveUnix, type UnixServeOptions } from './unix.js';

export abstract class StreamLoop extends SystemLoop {
  /**
   * Listens on `host` and `port`, and makes a protocol for every connection.
   *
   * @param host a name, an address, a list of them, or null for all interfaces
   * @param port 0 for any free one
   * @returns a future of the Server
   */
  createServer<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    host?: string | readonly string[] | null,
    port?: number,
    options?: ServeOptions,
  ): Future<Server> {
    return serve(this, protocolFactory, host ?? null, port ?? 0, options);
  }

  /**
   * Connects to `host` and `port`.
   *
   * @returns a future of `[transport, protocol]`; cancelling it gives the attempt up
   */
  createConnection<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    host: string,
    port: number,
    options?: ConnectOptions,
  ): Future<[Transport, P]> {
    return connect(this, protocolFactory, host, port, options);
  }

  /**
   * Listens on a unix socket, and makes a protocol for every connection. A stale socket in its place is
   * removed first.
   *
   * @param path a path, or a name that begins with a zero byte (Linux's abstract ones)
   * @returns a future of the Server, which removes the socket's file when it is closed
   */
  createUnixServer<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    path: string | Uint8Array | URL,
    options?: UnixServeOptions,
  ): Future<Server<string>> {
    return serveUnix(this, protocolFactory, path, options);
  }

  /**
   * Connects to a unix socket; tries again while the server's queue is full.
   *
   * @returns a future of `[transport, protocol]`; cancelling it gives the attempt up
   */
  createUnixConnection<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    path: string | Uint8Array | URL,
    options?: AbortOptions,
  ): Future<[Transport<string>, P]> {
    return connectUnix(this, protocolFactory, path, options);
  }

  /**
   * Reads from one end of a pipe, a FIFO, a socket or a terminal, which becomes non-blocking. The
   * transport owns `pipe` and closes it.
   *
   * @param pipe a file descriptor, or an object with one as its `fd` (a FileHandle, process.stdin …)
   */
  connectReadPipe<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    pipe: DescriptorSource,
    options?: AbortOptions,
  ): Future<[ReadTransport<string>, P]> {
    return connectRead(this, protocolFactory, pipe, options);
  }

  /** Writes to one end of a pipe, a FIFO, a socket or a terminal; as connectReadPipe(). */
  connectWritePipe<P extends BaseProtocol>(
    protocolFactory: () => P,
    pipe: DescriptorSource,
    options?: AbortOptions,
  ): Future<[WriteTransport<string>, P]> {
    return connectWrite(this, protocolFactory, pipe, options);
  }

  /**
   * Makes a transport of a connected stream socket that was accepted, or made, outside of the loop. The
   * transport owns `socket` and closes it.
   *
   * @param socket a file descriptor, or an object with one as its `fd`
   */
  connectAcceptedSocket<P extends StreamProtocol>(
    protocolFactory: ProtocolFactory<P>,
    socket: DescriptorSource,
    options?: AbortOptions,
  ): Future<[Transport | Transport<string>, P]> {
    return connectAccepted(this, protocolFactory, socket, options);
  }
}
