/**
 * The socket behind a datagram transport: its names and its options, multicast among them.
 *
 * What getExtraInfo('socket') gives; the method names are those of node:dgram. Each throws a system error
 * when the system refuses.
 */

import type { SocketAddress } from '../binding/contract.js';
import {
  UDP_BROADCAST,
  UDP_MULTICAST_LOOPBACK,
  UDP_MULTICAST_TTL,
  UDP_TTL,
  type UdpWrap,
} from '../binding/datagram_contract.js';
import { checkBoolean, checkInteger, checkNoZero, typeError } from '../util/check.js';
import { systemError } from '../util/system_error.js';
import { NativeSocket } from './native_socket.js';

const LARGEST = 0x7fffffff;

/** @throws a system error when `result` is one */
function checked<T>(result: T | number, syscall: string): T {
  if (typeof result === 'number' && result < 0) throw systemError(result, syscall);
  return result as T;
}

function checkText(argument: string, value: unknown): void {
  if (typeof value !== 'string') throw typeError(argument, 'an address', value);
  checkNoZero(argument, value);
}

/** The socket below a datagram transport, its `getExtraInfo('socket')`: buffers, multicast, broadcast. */
export class DatagramSocket extends NativeSocket<SocketAddress> {
  readonly #wrap: UdpWrap;

  /** Made by datagram transports only. @internal */
  constructor(wrap: UdpWrap) {
    super(wrap);
    this.#wrap = wrap;
  }

  /**
   * Receives what is sent to a multicast group.
   *
   * @param interfaceAddress the interface's address (IPv4) or `%name` (IPv6: '::%eth0'); by default the system's choice
   */
  addMembership(group: string, interfaceAddress?: string): void {
    this.#setMembership(group, interfaceAddress, true);
  }

  /** Receives from the group no longer. */
  dropMembership(group: string, interfaceAddress?: string): void {
    this.#setMembership(group, interfaceAddress, false);
  }

  /** The interface that multicast leaves by: its address (IPv4), or '::%name' (IPv6). */
  setMulticastInterface(interfaceAddress: string): void {
    checkText('interfaceAddress', interfaceAddress);
    checked(this.#wrap.setMulticastInterface(interfaceAddress), 'setMulticastInterface');
  }

  /** How many hops multicast may take; 1, the default, is this network. */
  setMulticastTTL(ttl: number): void {
    checkInteger('ttl', ttl, 0, 255);
    checked(this.#wrap.setOption(UDP_MULTICAST_TTL, ttl), 'setMulticastTTL');
  }

  /** Whether this machine gets the multicast that it sends. */
  setMulticastLoopback(enabled: boolean): void {
    checkBoolean('enabled', enabled);
    checked(this.#wrap.setOption(UDP_MULTICAST_LOOPBACK, enabled ? 1 : 0), 'setMulticastLoopback');
  }

  /** How many hops a datagram may take. */
  setTTL(ttl: number): void {
    checkInteger('ttl', ttl, 1, 255);
    checked(this.#wrap.setOption(UDP_TTL, ttl), 'setTTL');
  }

  /** Whether sending to a broadcast address is allowed. */
  setBroadcast(enabled: boolean): void {
    checkBoolean('enabled', enabled);
    checked(this.#wrap.setOption(UDP_BROADCAST, enabled ? 1 : 0), 'setBroadcast');
  }

  /** The kernel's buffer for what has arrived, in bytes. */
  getRecvBufferSize(): number {
    return checked(this.#wrap.bufferSize(true, 0), 'getRecvBufferSize');
  }

  /** In bytes. */
  getSendBufferSize(): number {
    return checked(this.#wrap.bufferSize(false, 0), 'getSendBufferSize');
  }

  /** Datagrams that find the buffer full are lost. The system may make it larger or smaller than asked. */
  setRecvBufferSize(size: number): void {
    checkInteger('size', size, 1, LARGEST);
    checked(this.#wrap.bufferSize(true, size), 'setRecvBufferSize');
  }

  /** In bytes; the kernel may take another. */
  setSendBufferSize(size: number): void {
    checkInteger('size', size, 1, LARGEST);
    checked(this.#wrap.bufferSize(false, size), 'setSendBufferSize');
  }

  #setMembership(group: string, interfaceAddress: string | undefined, join: boolean): void {
    checkText('group', group);
    if (interfaceAddress !== undefined) checkText('interfaceAddress', interfaceAddress);
    const error = this.#wrap.setMembership(group, interfaceAddress ?? null, join);
    checked(error, join ? 'addMembership' : 'dropMembership');
  }
}
