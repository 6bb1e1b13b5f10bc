/**
 * createDatagramEndpoint: from names to a UDP socket.
 *
 * Arguments are checked before anything is opened. Addresses of both sides are paired by family; the
 * first pair that works is it, else the first error is thrown.
 */

import { inspect } from 'node:util';
import type { SocketAddress } from '../binding/contract.js';
import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { type AddressLike, checkHostAndPort, showAddress } from '../io/addresses.js';
import { checkDescriptor, type DescriptorSource } from '../io/descriptors.js';
import type { DatagramProtocol } from '../io/protocols.js';
import { type AddressFamily, checkFamily, resolve } from '../io/resolver.js';
import { IPPROTO_UDP } from '../io/socket_constants.js';
import type { DatagramTransport } from '../io/transports.js';
import { type BindOptions, UdpTransport } from '../io/udp.js';
import {
  checkBoolean,
  checkFunction,
  checkOptions,
  rangeError,
  valueError,
} from '../util/check.js';
import { abortTransport, start, startTransport } from './opening.js';
import type { SocketOption } from './socket_options.js';
import type { SystemLoop } from './system_loop.js';

/** What createDatagramEndpoint() takes; one of the two addresses, `family` or `sock` has to be there. */
export interface DatagramOptions extends AbortOptions, SocketOption {
  /** Where to receive: a name or address and a port, 0 for any free one. */
  localAddr?: AddressLike;
  /** Where everything goes to, and comes from. */
  remoteAddr?: AddressLike;
  /** 4 or 6 to use only that; required when there is no address. */
  family?: AddressFamily;
  /** IPPROTO_UDP, or 0 which means the same. */
  proto?: number;
  /** Lets several sockets, one per worker, share the port. */
  reusePort?: boolean;
  /** Allows sending to broadcast addresses. The socket is then not connected to `remoteAddr`. */
  allowBroadcast?: boolean;
}

interface Pair {
  family: 4 | 6;
  local: SocketAddress | null;
  remote: SocketAddress | null;
}

export function openDatagrams<P extends DatagramProtocol>(
  loop: SystemLoop,
  protocolFactory: () => P,
  options: DatagramOptions | undefined,
): Future<[DatagramTransport, P]> {
  loop._checkClosed();
  checkFunction('protocolFactory', protocolFactory);
  checkOptions(options);
  if (options?.sock !== undefined) return adopt(loop, protocolFactory, options.sock, options);
  const { localAddr, remoteAddr, proto = 0 } = options ?? {};
  const family = checkFamily(options?.family);
  const local = localAddr === undefined ? null : checkHostAndPort('localAddr', localAddr);
  const remote = remoteAddr === undefined ? null : checkHostAndPort('remoteAddr', remoteAddr);
  if (local === null && remote === null && family === 0) {
    throw rangeError('family', '4 or 6 when there is no address', family);
  }
  if (proto !== 0 && proto !== IPPROTO_UDP) {
    throw rangeError('proto', `0 or IPPROTO_UDP (${IPPROTO_UDP})`, proto);
  }
  const settings = {
    reusePort: options?.reusePort ?? false,
    allowBroadcast: options?.allowBroadcast ?? false,
  };
  checkBoolean('reusePort', settings.reusePort);
  checkBoolean('allowBroadcast', settings.allowBroadcast);
  const open = async (): Promise<[DatagramTransport, P]> => {
    const addressesOf = async (side: [string, number] | null) =>
      side === null ? null : await resolve(loop._reactor, side[0], side[1], { family });
    const pairs = pairUp(family, await addressesOf(local), await addressesOf(remote));
    loop._checkClosed();
    const opened = openFirst(loop, protocolFactory, pairs, settings);
    await startTransport(loop, opened[0]);
    return opened;
  };
  return start(loop, loop.createDatagramEndpoint, open, abortTransport, options);
}

/** A transport over the caller's socket. */
function adopt<P extends DatagramProtocol>(
  loop: SystemLoop,
  protocolFactory: () => P,
  sock: DescriptorSource,
  options: DatagramOptions,
): Future<[DatagramTransport, P]> {
  checkDescriptor('sock', sock);
  const { sock: _, signal: __, ...modifiers } = options;
  const given = Object.entries(modifiers).filter(([, value]) => Boolean(value));
  if (given.length > 0) {
    const problems = given.map(([name, value]) => `${name}=${inspect(value)}`).join(', ');
    throw valueError(
      `socket modifier keyword arguments can not be used when sock is specified. (${problems})`,
    );
  }
  const open = async (): Promise<[DatagramTransport, P]> => {
    const protocol = protocolFactory();
    const transport = new UdpTransport(loop._reactor, protocol, 0);
    transport._adopt(sock);
    await startTransport(loop, transport);
    return [transport, protocol];
  };
  return start(loop, loop.createDatagramEndpoint, open, abortTransport, options);
}

/** One pair for each family that both sides have. */
function pairUp(
  family: AddressFamily,
  locals: SocketAddress[] | null,
  remotes: SocketAddress[] | null,
): Pair[] {
  const pairs: Pair[] = [];
  if (locals === null && remotes === null && family !== 0) {
    pairs.push({ family, local: null, remote: null });
  }
  for (const { family: name } of locals ?? remotes ?? []) {
    const same = (address: SocketAddress) => address.family === name;
    const local = locals?.find(same) ?? null;
    const remote = remotes?.find(same) ?? null;
    if ((remotes !== null && remote === null) || pairs.some((pair) => pair.local === local))
      continue;
    pairs.push({ family: name === 'IPv4' ? 4 : 6, local, remote });
  }
  if (pairs.length === 0) throw new RangeError('can not get address information');
  return pairs;
}

function openFirst<P extends DatagramProtocol>(
  loop: SystemLoop,
  protocolFactory: () => P,
  pairs: readonly Pair[],
  options: BindOptions,
): [UdpTransport, P] {
  let failure: unknown;
  for (const { family, local, remote } of pairs) {
    const protocol = protocolFactory();
    try {
      const transport = new UdpTransport(loop._reactor, protocol, family);
      transport._open(local, remote, options);
      loop._logLife('info', () => {
        const sides = `local_addr=${showAddress(local)} remote_addr=${showAddress(remote)}`;
        return `Datagram endpoint ${sides} created: (${transport}, <${protocol.constructor.name}>)`;
      });
      return [transport, protocol];
    } catch (error) {
      if (!('syscall' in (error as object))) throw error;
      failure ??= error;
    }
  }
  throw failure;
}
