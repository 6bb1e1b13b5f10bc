/**
 * createUnixServer and createUnixConnection: servers and clients that find each other by a name on one
 * machine, a path in the file system or, on Linux, an abstract name that begins with a zero byte.
 *
 * Names are checked before anything is opened. A full queue of a server cannot be waited for, only tried again.
 */

import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { checkDescriptor, checkUnixSocket, type DescriptorSource } from '../io/descriptors.js';
import { publishClientSocket } from '../io/diagnostics.js';
import type { ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import type { Server } from '../io/server.js';
import type { ClientSslOptions } from '../io/tls_options.js';
import type { Transport } from '../io/transports.js';
import { UnixListener, UnixTransport } from '../io/unix.js';
import { checkName, isAbstract } from '../io/unix_name.js';
import { sleep } from '../sync/sleeping.js';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkOptions,
  rangeError,
  valueError,
} from '../util/check.js';
import { systemError, UV_EAGAIN } from '../util/system_error.js';
import {
  abortTransport,
  checkServerOptions,
  closeServer,
  openServer,
  type ServerOptions,
  start,
  startTransport,
} from './opening.js';
import { adoptConnected } from './pipes.js';
import type { SocketOption } from './socket_options.js';
import type { StreamLoop } from './stream_loop.js';

/** A path, or an abstract name that begins with `\0`. */
export type UnixPath = string | Uint8Array | URL;

/** What createUnixServer() takes. */
export interface UnixServeOptions extends ServerOptions, SocketOption {
  /** False leaves the socket's file where it is when the server is closed. */
  cleanupSocket?: boolean;
  /** Permissions of the socket's file, as 0o600; by default the umask decides. */
  mode?: number;
}

/** What createUnixConnection() takes. */
export interface UnixConnectOptions extends AbortOptions, SocketOption, ClientSslOptions {}

/** How long to wait before a server's full queue is tried again, in milliseconds. */
export const CONNECT_RETRY_DELAY = 5;

export function serveUnix(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory,
  path: UnixPath | null | undefined,
  options: UnixServeOptions | undefined,
): Future<Server<string>> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  const place = checkPlace(path, options);
  const settings = checkServerOptions(options);
  const cleanupSocket = options?.cleanupSocket ?? true;
  checkBoolean('cleanupSocket', cleanupSocket);
  const mode = options?.mode;
  if (mode !== undefined) {
    checkInteger('mode', mode, 0, 0o7777);
    if (!Buffer.isBuffer(place) || isAbstract(place)) {
      throw rangeError('mode', 'undefined where no file is made', mode);
    }
  }
  const open = async () =>
    openServer<string>(loop, settings, { ...options, ...pathOf(place) }, (server) => {
      const listener = new UnixListener(loop._reactor, protocolFactory, server, cleanupSocket);
      if (Buffer.isBuffer(place)) listener.bind(place, mode);
      else listener.adopt(place, checkUnixSocket);
      server._adopt(listener);
    });
  return start(loop, loop.createUnixServer, open, closeServer, options);
}

export function connectUnix<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  path: UnixPath | null | undefined,
  options: UnixConnectOptions | undefined,
): Future<[Transport<string>, P]> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  const place = checkPlace(path, options);
  if (!Buffer.isBuffer(place)) {
    const entry = loop.createUnixConnection;
    return adoptConnected(loop, entry, protocolFactory, place, options, checkUnixSocket) as Future<
      [Transport<string>, P]
    >;
  }
  const open = async (): Promise<[Transport<string>, P]> => {
    const protocol = protocolFactory();
    const transport = await connectSocket(loop, protocol, place);
    publishClientSocket(transport);
    await startTransport(loop, transport);
    return [transport, protocol];
  };
  return start(loop, loop.createUnixConnection, open, abortTransport, options);
}

/** The name, or the socket that is given in its place. */
function checkPlace(
  path: UnixPath | null | undefined,
  options: (AbortOptions & SocketOption) | undefined,
): Buffer | DescriptorSource {
  checkOptions(options);
  const sock = options?.sock;
  if (path !== null && path !== undefined) {
    if (sock !== undefined) {
      throw valueError('path and sock can not be specified at the same time');
    }
    return checkName(path);
  }
  if (sock === undefined) throw valueError('no path and sock were specified');
  checkDescriptor('sock', sock);
  return sock;
}

function pathOf(place: Buffer | DescriptorSource): { path?: string } {
  return Buffer.isBuffer(place) ? { path: place.toString() } : {};
}

async function connectSocket(
  loop: StreamLoop,
  protocol: StreamProtocol,
  name: Buffer,
): Promise<UnixTransport> {
  for (;;) {
    loop._checkClosed();
    const transport = new UnixTransport(loop._reactor, protocol, null);
    const error = transport._connect(name);
    if (error === 0) return transport;
    if (error !== UV_EAGAIN) throw systemError(error, 'connect', { address: name.toString() });
    await sleep(CONNECT_RETRY_DELAY);
  }
}
