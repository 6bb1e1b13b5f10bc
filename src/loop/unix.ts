/**
 * createUnixServer and createUnixConnection: servers and clients that find each other by a name on one
 * machine, a path in the file system or, on Linux, an abstract name that begins with a zero byte.
 *
 * Names are checked here, before anything is opened: the system would cut a long one off, and give an
 * empty one a meaning of its own.
 */

import { fileURLToPath } from 'node:url';
import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { publishClientSocket } from '../io/diagnostics.js';
import type { ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import type { Server } from '../io/server.js';
import type { Transport } from '../io/transports.js';
import { isAbstract, UnixListener, UnixTransport } from '../io/unix.js';
import { sleep } from '../sync/sleeping.js';
import { checkBoolean, checkFunction, checkInteger, rangeError, typeError } from '../util/check.js';
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
import type { StreamLoop } from './stream_loop.js';

export interface UnixServeOptions extends ServerOptions {
  /** False leaves the socket's file where it is when the server is closed. */
  cleanupSocket?: boolean;
  /** Permissions of the socket's file, as 0o600; by default the umask decides. */
  mode?: number;
}

// The size of sun_path.
const LONGEST_NAME = process.platform === 'linux' ? 108 : 104;
// A full queue of a server cannot be waited for, only tried again.
const CONNECT_RETRY_DELAY = 5; // ms

/** The name as bytes. */
function checkName(path: unknown): Buffer {
  if (typeof path !== 'string' && !(path instanceof Uint8Array) && !(path instanceof URL)) {
    throw typeError('path', 'a string, a Buffer or a file: URL', path);
  }
  const name = Buffer.from(path instanceof URL ? fileURLToPath(path) : path);
  if (name.length === 0) throw rangeError('path', 'a name that is not empty', path);
  if (isAbstract(name)) {
    if (process.platform !== 'linux') {
      throw rangeError('path', 'a path (abstract names are for Linux)', path);
    }
  } else if (name.includes(0)) {
    throw rangeError('path', 'a path without zero bytes', path);
  }
  const longest = LONGEST_NAME - (isAbstract(name) ? 0 : 1);
  if (name.length > longest) {
    throw rangeError('path', `at most ${longest} bytes long (it has ${name.length})`, path);
  }
  return name;
}

export function serveUnix(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory,
  path: string | Uint8Array | URL,
  options: UnixServeOptions | undefined,
): Future<Server<string>> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  const name = checkName(path);
  const settings = checkServerOptions(options);
  const cleanupSocket = options?.cleanupSocket ?? true;
  checkBoolean('cleanupSocket', cleanupSocket);
  const mode = options?.mode;
  if (mode !== undefined) {
    checkInteger('mode', mode, 0, 0o7777);
    if (isAbstract(name)) throw rangeError('mode', 'undefined for an abstract name', mode);
  }
  const open = async () =>
    openServer<string>(loop, settings, { ...options, path: name.toString() }, (server) => {
      const listening = { mode, cleanupSocket };
      server._adopt(new UnixListener(loop._reactor, protocolFactory, server, name, listening));
    });
  return start(loop, loop.createUnixServer, open, closeServer, options);
}

export function connectUnix<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  path: string | Uint8Array | URL,
  options: AbortOptions | undefined,
): Future<[Transport<string>, P]> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  const name = checkName(path);
  const open = async (): Promise<[Transport<string>, P]> => {
    const protocol = protocolFactory();
    const transport = await connectSocket(loop, protocol, name);
    publishClientSocket(transport);
    await startTransport(transport);
    return [transport, protocol];
  };
  return start(loop, loop.createUnixConnection, open, abortTransport, options);
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
