/**
 * createServer: from hosts to listening sockets.
 *
 * Arguments are checked before anything is opened. When any address of a server cannot be bound,
 * those that could are closed again.
 */

import type { SocketAddress } from '../binding/contract.js';
import type { Future } from '../core/futures.js';
import type { ProtocolFactory } from '../io/protocols.js';
import { checkFamily, resolve } from '../io/resolver.js';
import type { Server } from '../io/server.js';
import { TcpListener } from '../io/tcp.js';
import { checkBoolean, checkFunction, checkPort, typeError } from '../util/check.js';
import { type SystemError, UV_EADDRNOTAVAIL, UV_EAFNOSUPPORT } from '../util/system_error.js';
import {
  checkServerOptions,
  closeServer,
  openServer,
  type ServerOptions,
  start,
} from './opening.js';
import type { StreamLoop } from './stream_loop.js';

export interface ServeOptions extends ServerOptions {
  /** 4 or 6 to use only that; 0 for both. */
  family?: 0 | 4 | 6;
  /** Lets several sockets, one per worker, share the port. */
  reusePort?: boolean;
}

export function serve(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory,
  host: string | readonly string[] | null,
  port: number,
  options: ServeOptions | undefined,
): Future<Server> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  const hosts = checkHosts(host);
  checkPort('port', port);
  const settings = checkServerOptions(options);
  const family = checkFamily(options?.family);
  const reusePort = options?.reusePort ?? false;
  checkBoolean('reusePort', reusePort);
  const open = async () => {
    const addresses = await resolveAll(loop, hosts, port, family);
    loop._checkClosed();
    return openServer<SocketAddress>(loop, settings, (server) =>
      bindAll(loop, server, protocolFactory, addresses, hosts === null, reusePort),
    );
  };
  return start(loop, loop.createServer, open, closeServer, options);
}

function checkHosts(host: unknown): readonly string[] | null {
  if (host === null || host === '') return null;
  const hosts: unknown = typeof host === 'string' ? [host] : host;
  if (!Array.isArray(hosts) || hosts.length === 0 || !hosts.every((h) => typeof h === 'string')) {
    throw typeError('host', 'a string, a list of strings or null', host);
  }
  return hosts as string[];
}

/** All interfaces are 0.0.0.0 and ::, without asking anybody. */
async function resolveAll(
  loop: StreamLoop,
  hosts: readonly string[] | null,
  port: number,
  family: 0 | 4 | 6,
): Promise<SocketAddress[]> {
  if (hosts === null) {
    const any: SocketAddress[] = [];
    if (family !== 6) any.push({ address: '0.0.0.0', port, family: 'IPv4' });
    if (family !== 4) any.push({ address: '::', port, family: 'IPv6' });
    return any;
  }
  const unique = new Map<string, SocketAddress>();
  for (const host of hosts) {
    for (const address of await resolve(loop._reactor, host, port, family)) {
      unique.set(address.address, address);
    }
  }
  return [...unique.values()];
}

function bindAll(
  loop: StreamLoop,
  server: Server,
  factory: ProtocolFactory,
  addresses: SocketAddress[],
  isAny: boolean,
  reusePort: boolean,
): void {
  let port = addresses[0]?.port ?? 0;
  for (const [index, address] of addresses.entries()) {
    try {
      // Several addresses with port 0 get one and the same port.
      const at = { ...address, port };
      const options = { ipv6Only: address.family === 'IPv6', reusePort };
      const listener = new TcpListener(loop._reactor, factory, server, at, options);
      server._adopt(listener);
      port = listener.socket.getsockname().port;
    } catch (error) {
      const { errno } = error as SystemError;
      const unavailable = errno === UV_EAFNOSUPPORT || errno === UV_EADDRNOTAVAIL;
      // A machine without IPv6 still has all of its interfaces.
      if (!(isAny && unavailable && index > 0)) throw error;
    }
  }
}
