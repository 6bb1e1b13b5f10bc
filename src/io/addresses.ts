/**
 * Socket addresses as programs give them: `{address, port}` as they come out, or `[host, port]`.
 */

import { inspect } from 'node:util';
import type { SocketAddress } from '../binding/contract.js';
import { checkNoZero, checkPort, rangeError, typeError } from '../util/check.js';
import { isIP } from '../util/is_ip.js';

/** An address in either form. */
export type AddressLike =
  | Pick<SocketAddress, 'address' | 'port'>
  | readonly [host: string, port: number];

/** @throws TypeError or RangeError unless `value` is a host of any kind and a port */
export function checkHostAndPort(argument: string, value: AddressLike): [string, number] {
  const [host, port] = Array.isArray(value)
    ? (value as [unknown, unknown])
    : [(value as SocketAddress | null)?.address, (value as SocketAddress | null)?.port];
  if (typeof host !== 'string')
    throw typeError(argument, 'a pair [host, port] or an address', value);
  checkNoZero(argument, host);
  checkPort(`the port of ${argument}`, port);
  return [host, port as number];
}

/** @throws TypeError or RangeError unless `value` is a numeric address and a port */
export function checkAddress(argument: string, value: AddressLike): SocketAddress {
  const [address, port] = checkHostAndPort(argument, value);
  const version = isIP(address);
  if (version === 0) throw rangeError(argument, 'a numeric address, not a name', value);
  return { address, port, family: version === 4 ? 'IPv4' : 'IPv6' };
}

/** An address as messages show it; that of a socket which has none by now is unknown. */
export function showAddress(address: unknown): string {
  if (typeof address !== 'object' || address === null) return inspect(address);
  const { address: host, port } = address as SocketAddress;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
