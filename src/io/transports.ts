/**
 * Transports as a program sees them: asyncio's BaseTransport, ReadTransport, WriteTransport, Transport.
 *
 * Types only: each kind of connection has its own implementation. Methods never throw for a
 * connection that is gone; the protocol's connectionLost says so. `A` is what addresses look like: a
 * SocketAddress, or a string with unix sockets.
 */

import type { SocketAddress } from '../binding/contract.js';
import type { AddressLike } from './addresses.js';
import type { ChildInfo } from './process_info.js';
import type {
  BaseProtocol,
  DatagramProtocol,
  StreamProtocol,
  SubprocessProtocol,
} from './protocols.js';
import type { SignalName } from './signals.js';
import type { OptionValue } from './socket_option.js';
import type { DatagramSocket } from './udp_socket.js';

/** What write() takes. A string is sent as UTF-8. */
export type WriteData = string | ArrayBufferView | ArrayBuffer;

/** The socket behind a transport or server: asyncio's TransportSocket. */
export interface TransportSocket<A = SocketAddress> {
  /** Its own address. */
  getsockname(): A;
  /** @throws a system error when there is no peer */
  getpeername(): A;
  /** The descriptor's number; -1 when closed. */
  fileno(): number;
  /** Sets one of the system's options: a C int as a number or boolean, anything else as its bytes. */
  setsockopt(level: number, name: number, value: OptionValue): void;
  /** One of the system's options, as a number, or with `size` as bytes. */
  getsockopt(level: number, name: number): number;
  /** One of the system's options as bytes, `size` at most. */
  getsockopt(level: number, name: number, size: number): Buffer;
}

/** What all transports have: asyncio.BaseTransport. */
export interface BaseTransport<A = SocketAddress> {
  /**
   * Facts about the connection by asyncio's names: 'peername', 'sockname' and 'socket', or 'pipe' for
   * what connectReadPipe() was given; `fallback` when there is none of that name.
   */
  getExtraInfo(name: 'peername' | 'sockname'): A | undefined;
  /** The socket: its options and addresses. */
  getExtraInfo(name: 'socket'): TransportSocket<A> | undefined;
  /** Any other; `fallback`, or null, where there is none of that name. */
  getExtraInfo<D>(name: string, fallback?: D): unknown;
  /** Whether it is closed, or about to be. */
  isClosing(): boolean;
  /** Sends what is queued, then closes; connectionLost(null) follows. */
  close(): void;
  /** Another protocol for what comes from now on. */
  setProtocol(protocol: BaseProtocol): void;
  /** The protocol that it tells. */
  getProtocol(): BaseProtocol;
}

/** The water marks of writing. */
export interface WriteBufferLimits {
  /** pauseWriting() above it, in bytes; 64 KiB by default, or four times `low`. */
  high?: number | undefined;
  /** resumeWriting() at it, in bytes; a quarter of `high` by default. */
  low?: number | undefined;
}

/** What bytes come from: asyncio.ReadTransport. */
export interface ReadTransport<A = SocketAddress> extends BaseTransport<A> {
  /** Whether data is received. */
  isReading(): boolean;
  /** No data comes until resumeReading(). */
  pauseReading(): void;
  /** Data comes again. */
  resumeReading(): void;
}

/** What bytes go to: asyncio.WriteTransport. */
export interface WriteTransport<A = SocketAddress> extends BaseTransport<A> {
  /**
   * Sends `data`, or queues what the kernel does not take. Memory given to write() must not change
   * until it has left.
   */
  write(data: WriteData): void;
  /** As write() of each. */
  writelines(list: Iterable<WriteData>): void;
  /** Sends end-of-file after what is queued; receiving goes on. A pipe for writing is closed with it. */
  writeEof(): void;
  /** Whether writeEof() is possible: not over TLS. */
  canWriteEof(): boolean;
  /** Closes at once and drops what is queued; connectionLost(null) follows. */
  abort(): void;
  /** When pauseWriting() and resumeWriting() come, in bytes. */
  setWriteBufferLimits(limits?: WriteBufferLimits): void;
  /** `[low, high]` in bytes. */
  getWriteBufferLimits(): [number, number];
  /** Bytes written and not yet taken by the kernel. */
  getWriteBufferSize(): number;
}

/** A transport for byte streams in both directions: asyncio.Transport. */
export interface Transport<A = SocketAddress> extends ReadTransport<A>, WriteTransport<A> {
  setProtocol(protocol: StreamProtocol): void;
  getProtocol(): StreamProtocol;
}

/** A transport for datagrams: asyncio.DatagramTransport. */
export interface DatagramTransport extends BaseTransport {
  getExtraInfo(name: 'peername' | 'sockname'): SocketAddress | undefined;
  getExtraInfo(name: 'socket'): DatagramSocket;
  getExtraInfo<D>(name: string, fallback?: D): unknown;
  /**
   * Sends one datagram, or queues it when the kernel does not take it now. Errors of the system go to
   * the protocol's errorReceived. The memory is the caller's again at once.
   *
   * @param addr a numeric address; none, or the remote one, when the endpoint has a remote address
   * @throws TypeError or RangeError
   */
  sendto(data: WriteData, addr?: AddressLike | null): void;
  /** Closes at once and drops what is queued; connectionLost(null) follows. */
  abort(): void;
  /** When pauseWriting() and resumeWriting() come, in bytes. */
  setWriteBufferLimits(limits?: WriteBufferLimits): void;
  /** `[low, high]` in bytes. */
  getWriteBufferLimits(): [number, number];
  /** Bytes of queued datagrams, with 8 more for each, as in asyncio. */
  getWriteBufferSize(): number;
  setProtocol(protocol: DatagramProtocol): void;
  getProtocol(): DatagramProtocol;
}

/** A program that was started: asyncio.SubprocessTransport. */
export interface SubprocessTransport extends BaseTransport<never> {
  getExtraInfo(name: 'subprocess'): ChildInfo;
  getExtraInfo(name: 'peername' | 'sockname' | 'socket'): undefined;
  getExtraInfo<D>(name: string, fallback?: D): unknown;
  /** The number of the process. */
  getPid(): number;
  /** The exit code, or minus the number of the signal that ended the program; null while it runs. */
  getReturncode(): number | null;
  /**
   * The transport of the pipe to that descriptor of the program: for writing with 0, for reading with 1
   * and 2, for both with others; null when it has no pipe there.
   */
  getPipeTransport(fd: number): ReadTransport<string> | WriteTransport<string> | null;
  /**
   * Sends a signal. It never reaches another process, whatever has become of the pid; for a program that has
   * exited nothing is done.
   *
   * @throws TypeError, RangeError, or a system error: EPERM for a program of somebody else, ESRCH after
   * connectionLost
   */
  sendSignal(signal: SignalName): void;
  /** Sends SIGTERM. */
  terminate(): void;
  /** Sends SIGKILL. */
  kill(): void;
  /** Closes the pipes, and kills the program if it runs; connectionLost follows when it has ended. */
  close(): void;
  setProtocol(protocol: SubprocessProtocol): void;
  getProtocol(): SubprocessProtocol;
}
