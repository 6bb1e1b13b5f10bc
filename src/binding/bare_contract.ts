/**
 * The part of the native surface that works on bare descriptors: sockets used call by call, files sent to them.
 *
 * As in contract.ts, methods return 0 or a positive count, or a negative libuv code.
 */

import type { SocketAddress } from './contract.js';

/**
 * A socket that a program uses call by call; it belongs to no loop. An address is a numeric one with its port, or the
 * name of a unix socket.
 */
export interface BareSocketWrap {
  /** Family 0 is unix. */
  open(family: 4 | 6 | 0, type: number, protocol: number): number;
  /** Owns `descriptor` from now on. */
  take(descriptor: number): number;
  /** Gives the descriptor away; -1 when closed. */
  release(): number;
  close(): void;
  getDescriptor(): number;
  bind(...address: BareAddress): number;
  /** EALREADY while it is under way: the socket becomes writable when it is decided. */
  connect(...address: BareAddress): number;
  /** How the attempt to connect has ended. */
  getError(): number;
  listen(backlog: number): number;
  /** A descriptor, which is the caller's. */
  accept(): number;
  receive(into: Uint8Array, size: number): number;
  receiveFrom(into: Uint8Array, size: number): number;
  send(bytes: Uint8Array, offset: number): number;
  sendTo(bytes: Uint8Array, ...address: BareAddress): number;
  shutdown(how: number): number;
  getSocketName(): SocketAddress | string | undefined | number;
  getPeerName(): SocketAddress | string | undefined | number;
  /** Whom the last accept() or receiveFrom() was from. */
  sender(): SocketAddress | string | undefined;
}

export type BareAddress = [address: string, port: number] | [name: Uint8Array];

/**
 * One piece of a file on its way to a socket. The value of its event counts the bytes sent: 0 at the file's end, or a
 * negative code; its kind is 1 when no more can be sent before the target is writable, else 0.
 */
export interface FileSendWrap {
  start(target: number, file: number, offset: number, size: number): number;
  /** Does not begin if it has not begun yet: ECANCELED follows. */
  stop(): void;
}
