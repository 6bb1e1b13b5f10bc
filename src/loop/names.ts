/**
 * getaddrinfo and getnameinfo of a loop: their arguments, checked, and what waits for them.
 */

import type { AddressInfo, NameInfo } from '../binding/contract.js';
import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { type AddressLike, checkAddress } from '../io/addresses.js';
import { type AddressFamily, checkFamily, lookUp, lookUpName } from '../io/resolver.js';
import { checkInteger, checkNoZero, checkPort, typeError } from '../util/check.js';
import type { SystemLoop } from './system_loop.js';

/** What getaddrinfo() takes. */
export interface AddressInfoOptions extends AbortOptions {
  /** 4 or 6 for only these; 0 for both. */
  family?: AddressFamily;
  /** SOCK_STREAM or another; 0 for all. */
  type?: number;
  /** IPPROTO_TCP or another; 0 for all. */
  proto?: number;
  /** AI_*, joined with |. */
  flags?: number;
}

const LARGEST = 0x7fffffff;

export function addressesOf(
  loop: SystemLoop,
  host: string | null,
  port: number | string | null,
  options: AddressInfoOptions | undefined,
): Future<AddressInfo[]> {
  loop._checkClosed();
  if (host !== null && typeof host !== 'string') throw typeError('host', 'a string or null', host);
  if (host !== null) checkNoZero('host', host);
  if (typeof port === 'number') checkPort('port', port);
  else if (port !== null && typeof port !== 'string') {
    throw typeError('port', "a number, a service's name or null", port);
  } else if (port !== null) checkNoZero('port', port);
  checkAbortOptions(options);
  const family = checkFamily(options?.family);
  const { type = 0, proto = 0, flags = 0 } = options ?? {};
  checkInteger('type', type, 0, LARGEST);
  checkInteger('proto', proto, 0, LARGEST);
  checkInteger('flags', flags, 0, LARGEST);
  const service = port === null ? null : String(port);
  const query = { host: host === '' ? null : host, service, family, type, proto, flags };
  return cancelOnAbort(lookUp(loop._reactor, query), options);
}

export function nameOf(
  loop: SystemLoop,
  sockaddr: AddressLike,
  flags: number,
  options: AbortOptions | undefined,
): Future<NameInfo> {
  loop._checkClosed();
  const { address, port } = checkAddress('sockaddr', sockaddr);
  checkInteger('flags', flags, 0, LARGEST);
  checkAbortOptions(options);
  return cancelOnAbort(lookUpName(loop._reactor, address, port, flags), options);
}
