/**
 * createServer and createConnection: from names to sockets.
 *
 * Arguments are checked before anything is opened. When any address of a server cannot be bound,
 * those that could are closed again; when no address of a host answers, the error tells every attempt.
 */

import type { SocketAddress } from '../binding/contract.js';
import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { publishClientSocket } from '../io/diagnostics.js';
import type { ProtocolFactory, StreamProtocol } from '../io/protocols.js';
import { checkFamily, resolve } from '../io/resolver.js';
import type { Server } from '../io/server.js';
import { TcpListener, TcpTransport } from '../io/tcp.js';
import type { Transport } from '../io/transports.js';
import { checkBoolean, checkFunction, checkOptions, checkPort, typeError } from '../util/check.js';
import { type SystemError, UV_EADDRNOTAVAIL, UV_EAFNOSUPPORT } from '../util/system_error.js';
import {
  abortTransport,
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

export interface ConnectOptions extends AbortOptions {
  family?: 0 | 4 | 6;
  /** Where to connect from. */
  localAddr?: readonly [host: string, port: number];
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
    const place = { ...options, host: host ?? undefined, port };
    return openServer<SocketAddress>(loop, settings, place, (server) =>
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

export function connect<P extends StreamProtocol>(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory<P>,
  host: string,
  port: number,
  options: ConnectOptions | undefined,
): Future<[Transport, P]> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  if (typeof host !== 'string' || host === '') throw typeError('host', 'a host name', host);
  checkPort('port', port);
  checkOptions(options);
  const family = checkFamily(options?.family);
  const local = options?.localAddr;
  if (local !== undefined) {
    if (!Array.isArray(local) || typeof local[0] !== 'string') {
      throw typeError('localAddr', 'a pair [host, port]', local);
    }
    checkPort('localAddr[1]', local[1]);
  }
  const open = async (): Promise<[Transport, P]> => {
    const remotes = await resolve(loop._reactor, host, port, family);
    const locals =
      local === undefined ? [] : await resolve(loop._reactor, local[0], local[1], family);
    loop._checkClosed();
    const failures: Error[] = [];
    for (const remote of remotes) {
      const protocol = protocolFactory();
      const transport = new TcpTransport(loop._reactor, protocol, null);
      const from = locals.find((address) => address.family === remote.family) ?? null;
      try {
        await transport._connect(remote, from);
      } catch (error) {
        if (!('syscall' in (error as object))) throw error;
        failures.push(error as Error);
        continue;
      }
      publishClientSocket(transport);
      transport._start();
      return [transport, protocol];
    }
    throw combine(failures);
  };
  return start(loop, loop.createConnection, open, abortTransport, options);
}

/** One failure is thrown as it is; several, as asyncio does, in one that has the first one's code. */
function combine(failures: Error[]): Error {
  const first = failures[0] as SystemError;
  if (failures.length === 1) return first;
  const words = failures.map((failure) => failure.message).join(', ');
  const { code, errno, syscall } = first;
  return Object.assign(new AggregateError(failures, `Multiple exceptions: ${words}`), {
    code,
    errno,
    syscall,
  });
}
