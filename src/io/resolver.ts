/**
 * Names to addresses and back, by the system's getaddrinfo and getnameinfo on libuv's threads.
 *
 * What is numeric is answered without a thread. Errors look like Node's dns.lookup:
 * 'getaddrinfo ENOTFOUND name' with code, syscall and hostname.
 */

import { native } from '../binding/addon.js';
import type { AddressInfo, LookupOwner, NameInfo, SocketAddress } from '../binding/contract.js';
import { Future } from '../core/futures.js';
import { failed, finished } from '../core/settled.js';
import { checkInteger, rangeError, typeError } from '../util/check.js';
import { isIP } from '../util/is_ip.js';
import { errnoOf, errorName, systemError } from '../util/system_error.js';
import type { Reactor } from './reactor.js';
import { IPPROTO_TCP, NI_NUMERICHOST, NI_NUMERICSERV, SOCK_STREAM } from './socket_constants.js';

const UV_EAI_NONAME = errnoOf('EAI_NONAME');

/** 4 for IPv4, 6 for IPv6, 0 for both. */
export type AddressFamily = 0 | 4 | 6;

/** What getaddrinfo is asked, with nothing left out. */
export interface Query {
  /** null for this machine: any address with AI_PASSIVE, else loopback. */
  host: string | null;
  /** A port's number as text, a service's name, or null for none. */
  service: string | null;
  family: AddressFamily;
  /** 0 for every type and protocol. */
  type: number;
  proto: number;
  /** AI_*. */
  flags: number;
}

type Syscall = 'getaddrinfo' | 'getnameinfo';

/** A question to the system on one of libuv's threads. Cancelling it gives the answer up. */
class Lookup<T> extends Future<T> implements LookupOwner {
  readonly wrap: InstanceType<typeof native.LookupWrap>;
  readonly #syscall: Syscall;
  readonly #asked: string;
  readonly #began = performance.now();

  constructor(reactor: Reactor, syscall: Syscall, asked: string) {
    super({ loop: reactor.scheduler });
    this.#syscall = syscall;
    this.#asked = asked;
    this.wrap = new native.LookupWrap(reactor.wrap, this);
  }

  /** The code of starting, or an answer that needed no thread. */
  started(result: number | T): void {
    if (typeof result !== 'number') this.setResult(result);
    else if (result < 0) this._fail(this.#error(result));
    else this._loop._logLife('debug', () => `Get ${this.#subject}`);
  }

  override cancel(message?: unknown): boolean {
    if (!super.cancel(message)) return false;
    this.wrap.cancel();
    return true;
  }

  onLookup(status: number, answer: AddressInfo[] | NameInfo): void {
    if (this.done()) return;
    this.#tell(status < 0 ? this.#error(status).message : answer);
    if (status < 0) this._fail(this.#error(status));
    else this.setResult(answer as T);
  }

  #tell(outcome: unknown): void {
    const took = performance.now() - this.#began;
    const level = took >= this._loop.slowCallbackDuration ? 'info' : 'debug';
    const text = () => `took ${took.toFixed(3)} ms: ${JSON.stringify(outcome)}`;
    this._loop._logLife(level, () => `Getting ${this.#subject} ${text()}`);
  }

  get #subject(): string {
    return `${this.#syscall === 'getaddrinfo' ? 'address' : 'name'} info ${this.#asked}`;
  }

  #error(errno: number): Error {
    return lookupError(errno, this.#syscall, this.#asked);
  }
}

/** The addresses of a name, once each. */
class Resolution extends Lookup<SocketAddress[]> {
  readonly #port: number;

  constructor(reactor: Reactor, host: string, port: number, family: AddressFamily, flags: number) {
    super(reactor, 'getaddrinfo', host);
    this.#port = port;
    this.started(this.wrap.start(host, null, family, SOCK_STREAM, 0, flags));
  }

  override onLookup(status: number, answer: AddressInfo[]): void {
    const addresses = answer.map(({ sockaddr }) => ({ ...sockaddr, port: this.#port }));
    super.onLookup(status, addresses as never);
  }
}

function lookupError(errno: number, syscall: Syscall, asked: string): Error {
  const name = errorName(errno);
  // As Node: both mean that there is no such name.
  const code = name === 'EAI_NONAME' || name === 'EAI_NODATA' ? 'ENOTFOUND' : name;
  return systemError(errno, syscall, {
    code,
    hostname: asked,
    message: `${syscall} ${code} ${asked}`.trimEnd(),
  });
}

const isNumeric = (host: string | null) => host === null || isIP(host) !== 0;

/** The body of getaddrinfo: what is numeric is answered at once. */
export function lookUp(reactor: Reactor, query: Query): Future<AddressInfo[]> {
  const { host, service, family, type, proto, flags } = query;
  const lookup = new Lookup<AddressInfo[]>(reactor, 'getaddrinfo', host ?? service ?? '');
  if (host === null && service === null) {
    lookup.started(UV_EAI_NONAME);
    return lookup;
  }
  const atOnce = isNumeric(host) && (service === null || /^\d+$/.test(service));
  const method = atOnce ? 'numeric' : 'start';
  lookup.started(lookup.wrap[method](host, service, family, type, proto, flags));
  return lookup;
}

/** The body of getnameinfo. `flags` are NI_*. */
export function lookUpName(
  reactor: Reactor,
  address: string,
  port: number,
  flags: number,
): Future<NameInfo> {
  const lookup = new Lookup<NameInfo>(reactor, 'getnameinfo', address);
  const numeric = NI_NUMERICHOST | NI_NUMERICSERV;
  const method = (flags & numeric) === numeric ? 'numericName' : 'startName';
  lookup.started(lookup.wrap[method](address, port, flags));
  return lookup;
}

/** @throws TypeError or RangeError when `family` is not 0, 4 or 6 */
export function checkFamily(family: unknown): AddressFamily {
  if (family === undefined) return 0;
  if (typeof family !== 'number') throw typeError('family', '0, 4 or 6', family);
  if (family !== 0 && family !== 4 && family !== 6) throw rangeError('family', '0, 4 or 6', family);
  return family;
}

/** What a host's addresses are chosen by. */
export interface ResolveHints {
  /** 4 or 6 to use only that; 0 for both. */
  family?: AddressFamily;
  /** IPPROTO_TCP, or 0 which means the same. */
  proto?: number;
  /** AI_* of getaddrinfo, joined with |. */
  flags?: number;
}

/** @throws TypeError or RangeError */
export function checkHints(hints: ResolveHints | undefined): Required<ResolveHints> {
  const family = checkFamily(hints?.family);
  const { proto = 0, flags = 0 } = hints ?? {};
  if (proto !== 0 && proto !== IPPROTO_TCP) {
    throw rangeError('proto', `0 or IPPROTO_TCP (${IPPROTO_TCP})`, proto);
  }
  checkInteger('flags', flags, 0, 0x7fffffff);
  return { family, proto, flags };
}

/**
 * The addresses of `host`, with `port`, for a socket.
 *
 * @returns a future; cancelling it gives the lookup up
 */
export function resolve(
  reactor: Reactor,
  host: string,
  port: number,
  { family = 0, flags = 0 }: ResolveHints,
): Future<SocketAddress[]> {
  const version = isIP(host);
  if (version === 0) return new Resolution(reactor, host, port, family, flags);
  if (family !== 0 && family !== version) {
    const error = systemError(-22, 'getaddrinfo', {
      code: 'EAI_ADDRFAMILY',
      hostname: host,
      message: `getaddrinfo EAI_ADDRFAMILY ${host}: not an IPv${family} address`,
    });
    return failed(reactor.scheduler, error);
  }
  const address: SocketAddress = { address: host, port, family: version === 4 ? 'IPv4' : 'IPv6' };
  return finished(reactor.scheduler, [address]);
}
