/**
 * createServer: from hosts, or a socket that the caller has bound, to listening sockets.
 *
 * Arguments are checked before anything is opened. When any address of a server cannot be bound,
 * those that could are closed again.
 */

import type { SocketAddress } from '../binding/contract.js';
import type { Future } from '../core/futures.js';
import { checkDescriptor, checkStreamSocket, type DescriptorSource } from '../io/descriptors.js';
import type { Listener } from '../io/listener.js';
import type { ProtocolFactory } from '../io/protocols.js';
import { checkHints, type ResolveHints, resolve } from '../io/resolver.js';
import type { Server } from '../io/server.js';
import { AI_PASSIVE } from '../io/socket_constants.js';
import { type BindOptions, TcpListener, type TcpSettings } from '../io/tcp.js';
import { UnixListener } from '../io/unix.js';
import {
  checkBoolean,
  checkFunction,
  checkNoZero,
  checkPort,
  rangeError,
  typeError,
  valueError,
} from '../util/check.js';
import { type SystemError, UV_EADDRNOTAVAIL, UV_EAFNOSUPPORT } from '../util/system_error.js';
import {
  checkServerOptions,
  closeServer,
  openServer,
  type ServerOptions,
  start,
} from './opening.js';
import { checkTcpOptions, type TcpOptions } from './socket_options.js';
import type { StreamLoop } from './stream_loop.js';

/** What createServer() takes. */
export interface ServeOptions extends ServerOptions, ResolveHints, TcpOptions {
  /** One socket that the caller has bound, or several for one server, in place of an address; see SocketOption. */
  sock?: DescriptorSource | readonly DescriptorSource[];
  /** False refuses a port that connections of an earlier server still have. */
  reuseAddress?: boolean;
  /** Lets several sockets, one per worker, share the port. */
  reusePort?: boolean;
  /** False has the sockets of IPv6 addresses take IPv4, too; all interfaces are then one socket. */
  ipv6Only?: boolean;
}

type Host = string | readonly string[] | null | undefined;

export function serve(
  loop: StreamLoop,
  protocolFactory: ProtocolFactory,
  host: Host,
  port: number | null | undefined,
  options: ServeOptions | undefined,
): Future<Server> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  const settings = checkServerOptions(options);
  const tcp = checkTcpOptions(options);
  const sock = options?.sock;
  if (sock !== undefined) {
    if ((host ?? port ?? null) !== null) {
      throw valueError('host/port and sock can not be specified at the same time');
    }
    const given = checkSockets(sock);
    const open = async () =>
      openServer<SocketAddress>(loop, settings, { ...options }, (server) => {
        for (const each of given) adopt(loop, server, protocolFactory, each, tcp);
      });
    return start(loop, loop.createServer, open, closeServer, options);
  }
  const hosts = checkHosts(host ?? null);
  checkPort('port', port ?? 0);
  const hints = checkHints(options);
  const binding = checkBindOptions(options);
  const open = async () => {
    const addresses = await resolveAll(loop, hosts, port ?? 0, hints, binding);
    loop._checkClosed();
    const place = { ...options, host: host ?? undefined, port: port ?? 0 };
    return openServer<SocketAddress>(loop, settings, place, (server) =>
      bindAll(loop, server, protocolFactory, addresses, hosts === null, binding, tcp),
    );
  };
  return start(loop, loop.createServer, open, closeServer, options);
}

function checkBindOptions(options: ServeOptions | undefined): BindOptions {
  const { reuseAddress = true, reusePort = false, ipv6Only = true } = options ?? {};
  checkBoolean('reuseAddress', reuseAddress);
  checkBoolean('reusePort', reusePort);
  checkBoolean('ipv6Only', ipv6Only);
  return { reuseAddress, reusePort, ipv6Only };
}

function checkSockets(sock: NonNullable<ServeOptions['sock']>): readonly DescriptorSource[] {
  if (!Array.isArray(sock)) {
    checkDescriptor('sock', sock as DescriptorSource);
    return [sock as DescriptorSource];
  }
  if (sock.length === 0) throw rangeError('sock', 'one socket or more', sock);
  for (const [index, each] of sock.entries()) checkDescriptor(`sock[${index}]`, each);
  return sock;
}

/** Listens on the caller's socket, which may be a unix one, too. */
function adopt(
  loop: StreamLoop,
  server: Server,
  factory: ProtocolFactory,
  sock: DescriptorSource,
  tcp: TcpSettings,
): void {
  const listener =
    checkStreamSocket(sock) === 'tcp'
      ? new TcpListener(loop._reactor, factory, server, tcp)
      : new UnixListener(loop._reactor, factory, server, false);
  listener.adopt(sock, checkStreamSocket);
  server._adopt(listener as Listener<unknown> as Listener<SocketAddress>);
}

function checkHosts(host: unknown): readonly string[] | null {
  if (host === null || host === '') return null;
  const hosts: unknown = typeof host === 'string' ? [host] : host;
  if (!Array.isArray(hosts) || hosts.length === 0 || !hosts.every((h) => typeof h === 'string')) {
    throw typeError('host', 'a string, a list of strings or null', host);
  }
  for (const one of hosts) checkNoZero('host', one);
  return hosts as string[];
}

/** All interfaces are 0.0.0.0 and ::, without asking anybody; :: comes first when it takes IPv4, too. */
async function resolveAll(
  loop: StreamLoop,
  hosts: readonly string[] | null,
  port: number,
  hints: Required<ResolveHints>,
  { ipv6Only }: BindOptions,
): Promise<SocketAddress[]> {
  const { family, flags } = hints;
  if (hosts === null) {
    const any: SocketAddress[] = [];
    if (family !== 6) any.push({ address: '0.0.0.0', port, family: 'IPv4' });
    if (family !== 4) any.push({ address: '::', port, family: 'IPv6' });
    return ipv6Only ? any : any.reverse();
  }
  const unique = new Map<string, SocketAddress>();
  for (const host of hosts) {
    const passive = { ...hints, flags: flags | AI_PASSIVE };
    for (const address of await resolve(loop._reactor, host, port, passive)) {
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
  binding: BindOptions,
  tcp: TcpSettings,
): void {
  let port = addresses[0]?.port ?? 0;
  for (const address of addresses) {
    try {
      const listener = new TcpListener(loop._reactor, factory, server, tcp);
      // Several addresses with port 0 get one and the same port.
      listener.bind({ ...address, port }, binding);
      server._adopt(listener);
      port = listener.socket.getsockname().port;
      if (isAny && !binding.ipv6Only) return;
    } catch (error) {
      const { errno } = error as SystemError;
      const unavailable = errno === UV_EAFNOSUPPORT || errno === UV_EADDRNOTAVAIL;
      // A machine without IPv6 still has all of its interfaces.
      const isSpare = isAny && address.family === 'IPv6' && addresses.length > 1;
      if (!(isSpare && unavailable)) throw error;
    }
  }
}
