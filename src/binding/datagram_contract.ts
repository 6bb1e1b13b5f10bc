/**
 * The part of the native surface that is about datagrams: UDP sockets, and the records that describe datagrams.
 *
 * As in contract.ts, methods return 0 or a positive count, or a negative libuv code.
 */

import type { SocketAddress } from './contract.js';

/** Kinds of events of a UDP socket (UdpWrap::Event in udp_wrap.h): `value` datagrams are in the records. */
export const UDP_RECEIVED = 0;
/** `value` is a negative code, here and in UDP_SEND_FAILED. */
export const UDP_RECEIVE_FAILED = 1;
/** `value` of what was queued is not queued any more. */
export const UDP_SENT = 2;
export const UDP_SEND_FAILED = 3;

/**
 * How received datagrams are described: an Int32Array of RECORDS records, and one more for the address
 * that the next datagram is sent to (family 0: where the socket is connected). RecordWord in
 * udp_record.h.
 */
export const RECORDS = 32;
export const RECORD_WORDS = 9;
/** Bytes of the datagram, and where in the read region they begin. */
export const RECORD_SIZE = 0;
export const RECORD_OFFSET = 1;
/** 4 or 6. */
export const RECORD_FAMILY = 2;
export const RECORD_PORT = 3;
/** The number of the interface of a link-local IPv6 address. */
export const RECORD_SCOPE = 4;
/** One word or four, in network order. */
export const RECORD_ADDRESS = 5;
export const RECORD_DESTINATION = RECORDS * RECORD_WORDS;

/** Options of UdpWrap.setOption; udp_wrap.cc has the same list. */
export const UDP_BROADCAST = 0;
export const UDP_TTL = 1;
export const UDP_MULTICAST_TTL = 2;
export const UDP_MULTICAST_LOOPBACK = 3;

/** A UDP socket. Addresses are numeric. */
export interface UdpWrap {
  /** What writeStream() knows it by, which sends one datagram to the destination. */
  readonly number: number;
  adopt(descriptor: number): number;
  takeOver(descriptor: number): number;
  bind(address: string, port: number, reusePort: boolean): number;
  connect(address: string, port: number): number;
  receiveStart(): number;
  receiveStop(): number;
  /** Makes this the destination, in the records. */
  setDestination(address: string, port: number): number;
  /** The address in that record. */
  senderOf(record: number): SocketAddress;
  setOption(option: number, value: number): number;
  setMembership(group: string, interfaceAddress: string | null, join: boolean): number;
  setMulticastInterface(interfaceAddress: string): number;
  /** Sets the kernel's buffer; 0 asks for its size. */
  bufferSize(receiving: boolean, size: number): number;
  getSocketName(): SocketAddress | number;
  getPeerName(): SocketAddress | number;
  getDescriptor(): number;
  close(): void;
}
