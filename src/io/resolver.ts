/**
 * Names to addresses, by the system's getaddrinfo on libuv's threads.
 *
 * A numeric address is answered without a thread. Errors look like Node's dns.lookup:
 * 'getaddrinfo ENOTFOUND name' with code, syscall and hostname.
 */

import { isIP } from 'node:net';
import { native } from '../binding/addon.js';
import type { LookupOwner, LookupWrap, SocketAddress } from '../binding/contract.js';
import { Future } from '../core/futures.js';
import { rangeError, typeError } from '../util/check.js';
import { errorName, systemError } from '../util/system_error.js';
import type { Reactor } from './reactor.js';

/** 0 for both. */
export type AddressFamily = 0 | 4 | 6;

class Resolution extends Future<SocketAddress[]> implements LookupOwner {
  readonly #host: string;
  readonly #port: number;
  readonly #wrap: LookupWrap;

  constructor(reactor: Reactor, host: string, port: number, family: AddressFamily) {
    super({ loop: reactor.scheduler });
    this.#host = host;
    this.#port = port;
    this.#wrap = new native.LookupWrap(reactor.wrap, this);
    const error = this.#wrap.start(host, null, family, 0);
    if (error < 0) this._fail(lookupError(error, host));
  }

  override cancel(message?: unknown): boolean {
    if (!super.cancel(message)) return false;
    this.#wrap.cancel();
    return true;
  }

  onLookup(status: number, addresses: SocketAddress[]): void {
    if (this.done()) return;
    if (status < 0) this._fail(lookupError(status, this.#host));
    else this.setResult(addresses.map((address) => ({ ...address, port: this.#port })));
  }
}

function lookupError(errno: number, hostname: string): Error {
  const name = errorName(errno);
  // As Node: both mean that there is no such name.
  const code = name === 'EAI_NONAME' || name === 'EAI_NODATA' ? 'ENOTFOUND' : name;
  const message = `getaddrinfo ${code} ${hostname}`;
  return systemError(errno, 'getaddrinfo', { code, hostname, message });
}

/** @throws TypeError or RangeError when `family` is not 0, 4 or 6 */
export function checkFamily(family: unknown): AddressFamily {
  if (family === undefined) return 0;
  if (typeof family !== 'number') throw typeError('family', '0, 4 or 6', family);
  if (family !== 0 && family !== 4 && family !== 6) throw rangeError('family', '0, 4 or 6', family);
  return family;
}

/**
 * The addresses of `host`, with `port`.
 *
 * @returns a future; cancelling it gives the lookup up
 */
export function resolve(
  reactor: Reactor,
  host: string,
  port: number,
  family: AddressFamily,
): Future<SocketAddress[]> {
  const version = isIP(host);
  if (version === 0) return new Resolution(reactor, host, port, family);
  const future = new Future<SocketAddress[]>({ loop: reactor.scheduler });
  if (family !== 0 && family !== version) {
    future.setException(
      systemError(-22, 'getaddrinfo', {
        code: 'EAI_ADDRFAMILY',
        hostname: host,
        message: `getaddrinfo EAI_ADDRFAMILY ${host}: not an IPv${family} address`,
      }),
    );
  } else {
    future.setResult([{ address: host, port, family: version === 4 ? 'IPv4' : 'IPv6' }]);
  }
  return future;
}
