/**
 * What a loop does with the sockets of a program: asyncio's sock_recv, sock_sendall and their siblings, and sendfile.
 *
 * Each asks the system at once, and waits only when that would have to; io/socket_call does the waiting, loop/sendfile
 * the files. A socket that a transport owns is refused. Invariant: a call that was cancelled has taken nothing.
 */

import type { SocketAddress } from '../binding/contract.js';
import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { toBytes } from '../io/bytes.js';
import type { DescriptorSource } from '../io/descriptors.js';
import { ReadPipeTransport } from '../io/pipe.js';
import { STAGING_SIZE } from '../io/reactor.js';
import { Socket, type SocketName } from '../io/socket.js';
import { type Call, SocketCall } from '../io/socket_call.js';
import { SOCK_STREAM } from '../io/socket_constants.js';
import type { WriteData, WriteTransport } from '../io/transports.js';
import { checkInteger, typeError, valueError } from '../util/check.js';
import { start } from './opening.js';
import {
  checkFallback,
  checkPart,
  type SendfileOptions,
  sendFile,
  sockSendFile,
} from './sendfile.js';
import type { FlowingTransport } from './sendfile_protocol.js';
import { connectSocket } from './socket_connecting.js';
import { SystemLoop } from './system_loop.js';

const LARGEST = 0x7fffffff;

export abstract class SocketLoop extends SystemLoop {
  /**
   * Takes up to `n` bytes that have arrived: asyncio's sock_recv.
   *
   * @returns a future of them; empty at the end
   */
  sockRecv(sock: Socket<unknown>, n: number, options?: AbortOptions): Future<Buffer> {
    this.#check(sock, options);
    checkInteger('n', n, 0, LARGEST);
    const buffer = this.#bufferFor(n);
    return this._call(sock, options, {
      direction: 'reader',
      syscall: 'recv',
      attempt: () => sock._wrap.receive(buffer, n),
      finish: (size) => this.#received(buffer, size),
    });
  }

  /** As sockRecv(), into the memory `buf`. @returns a future of the number of bytes */
  sockRecvInto(sock: Socket<unknown>, buf: Uint8Array, options?: AbortOptions): Future<number> {
    this.#check(sock, options);
    checkMemory(buf);
    return this._call(sock, options, {
      direction: 'reader',
      syscall: 'recv',
      attempt: () => sock._wrap.receive(buf, buf.byteLength),
      finish: (size) => size,
    });
  }

  /**
   * Takes one datagram, of which at most `bufsize` bytes are kept: asyncio's sock_recvfrom.
   *
   * @returns a future of `[data, address]`
   */
  sockRecvfrom<A = SocketAddress>(
    sock: Socket<A>,
    bufsize: number,
    options?: AbortOptions,
  ): Future<[Buffer, A]> {
    this.#check(sock, options);
    checkInteger('bufsize', bufsize, 0, LARGEST);
    const buffer = this.#bufferFor(bufsize);
    return this._call(sock, options, {
      direction: 'reader',
      syscall: 'recvfrom',
      attempt: () => sock._wrap.receiveFrom(buffer, bufsize),
      finish: (size) => [this.#received(buffer, size), sock._wrap.sender() as A],
    });
  }

  /**
   * As sockRecvfrom(), into the memory `buf`.
   *
   * @param nbytes at most so many; 0 for as many as `buf` holds
   * @returns a future of `[size, address]`
   */
  sockRecvfromInto<A = SocketAddress>(
    sock: Socket<A>,
    buf: Uint8Array,
    nbytes = 0,
    options?: AbortOptions,
  ): Future<[number, A]> {
    this.#check(sock, options);
    checkMemory(buf);
    checkInteger('nbytes', nbytes, 0, buf.byteLength);
    return this._call(sock, options, {
      direction: 'reader',
      syscall: 'recvfrom',
      attempt: () => sock._wrap.receiveFrom(buf, nbytes || buf.byteLength),
      finish: (size) => [size, sock._wrap.sender() as A],
    });
  }

  /**
   * Sends all of `data`, which must not change until then: asyncio's sock_sendall. When it fails or is cancelled, nobody
   * can tell how much was sent.
   */
  sockSendall(sock: Socket<unknown>, data: WriteData, options?: AbortOptions): Future<void> {
    this.#check(sock, options);
    return this._sendAll(sock, toBytes(data), null, options);
  }

  /** As sockSendall(), telling `taken` what has been sent as soon as it is. @internal */
  _sendAll(
    sock: Socket<unknown>,
    bytes: Uint8Array,
    taken: ((size: number) => void) | null,
    options?: AbortOptions,
  ): Future<void> {
    let sent = 0;
    const attempt = () => {
      while (sent < bytes.byteLength) {
        const size = sock._wrap.send(bytes, sent);
        if (size < 0) return size;
        sent += size;
        taken?.(size);
      }
      return sent;
    };
    const finish = () => undefined;
    return this._call(sock, options, { direction: 'writer', syscall: 'send', attempt, finish });
  }

  /** Sends one datagram: asyncio's sock_sendto. @returns a future of the number of bytes sent */
  sockSendto<A>(
    sock: Socket<A>,
    data: WriteData,
    address: SocketName,
    options?: AbortOptions,
  ): Future<number> {
    this.#check(sock, options);
    const bytes = toBytes(data);
    const name = sock._checkName('address', address);
    return this._call(sock, options, {
      direction: 'writer',
      syscall: 'sendto',
      attempt: () => sock._wrap.sendTo(bytes, ...name),
      finish: (size) => size,
    });
  }

  /** Connects: asyncio's sock_connect. A host's name is resolved; `address` is else as for bind(). */
  sockConnect(sock: Socket<unknown>, address: SocketName, options?: AbortOptions): Future<void> {
    this.#check(sock, options);
    return connectSocket(this, sock, address, options);
  }

  /** Takes a connection from a listening socket: asyncio's sock_accept. @returns a future of `[socket, address]` */
  sockAccept<A = SocketAddress>(sock: Socket<A>, options?: AbortOptions): Future<[Socket<A>, A]> {
    this.#check(sock, options);
    return this._call(sock, options, {
      direction: 'reader',
      syscall: 'accept',
      attempt: () => sock._wrap.accept(),
      finish: (fileno) => [new Socket<A>(4, 0, 0, { fileno }), sock._wrap.sender() as A],
    });
  }

  /**
   * Sends a file, from `offset` on: asyncio's sock_sendfile. The file's position is behind what was sent afterwards.
   *
   * @param file a file descriptor, or an object with one as its `fd` (a FileHandle)
   * @param count how many bytes; null for all that there are
   * @returns a future of the number of bytes sent
   */
  sockSendfile(
    sock: Socket<unknown>,
    file: DescriptorSource,
    offset = 0,
    count: number | null = null,
    options?: SendfileOptions,
  ): Future<number> {
    this.#check(sock, options);
    const part = checkPart(file, offset, count);
    const fallback = checkFallback(options);
    if (sock.type !== SOCK_STREAM) {
      throw valueError('only SOCK_STREAM type sockets are supported');
    }
    const open = () => sockSendFile(this, sock, part, fallback);
    return start(this, this.sockSendfile, open, () => {}, options);
  }

  /**
   * Sends a file through a transport, from `offset` on: asyncio's sendfile. What was written before leaves first; until it
   * is done reading pauses and writing is refused. The file's position is behind what was sent afterwards.
   *
   * @param file a file descriptor, or an object with one as its `fd` (a FileHandle)
   * @param count how many bytes; null for all that there are
   * @returns a future of the number of bytes sent
   * @throws TypeError, RangeError, or RuntimeError for a transport that is closing or takes no bytes
   */
  sendfile(
    transport: WriteTransport<unknown>,
    file: DescriptorSource,
    offset = 0,
    count: number | null = null,
    options?: SendfileOptions,
  ): Future<number> {
    this._checkClosed();
    checkAbortOptions(options);
    const part = checkPart(file, offset, count);
    const fallback = checkFallback(options);
    if (typeof transport?.isClosing !== 'function') {
      throw typeError('transport', 'a transport', transport);
    }
    if (transport.isClosing()) throw new RuntimeError('Transport is closing');
    if (!isFlowing(transport)) {
      throw new RuntimeError(`sendfile is not supported for transport ${transport}`);
    }
    const open = () => sendFile(this, transport, part, fallback);
    return start(this, this.sendfile, open, () => {}, options);
  }

  #check(sock: unknown, options: AbortOptions | undefined): void {
    this._checkClosed();
    if (!(sock instanceof Socket)) throw typeError('sock', 'a Socket', sock);
    checkAbortOptions(options);
  }

  /** @internal */
  _call<T>(sock: Socket<unknown>, options: AbortOptions | undefined, call: Call<T>): Future<T> {
    // A signal that has aborted keeps it from happening, even where it would not have to wait.
    const future =
      options?.signal?.aborted === true
        ? new Future<T>({ loop: this })
        : new SocketCall<T>(this, this._watchers, sock, call);
    return cancelOnAbort(future, options);
  }

  /** What is small is received into memory that all share, and copied: mostly less comes than was asked for. */
  #bufferFor(size: number): Buffer {
    return size <= STAGING_SIZE ? this._reactor.staging : Buffer.allocUnsafeSlow(size);
  }

  #received(buffer: Buffer, size: number): Buffer {
    const received = buffer.subarray(0, size);
    return buffer === this._reactor.staging ? Buffer.from(received) : received;
  }
}

function checkMemory(buf: unknown): void {
  if (!(buf instanceof Uint8Array)) throw typeError('buf', 'a Buffer or a Uint8Array', buf);
}

/** Datagram transports have no write(), read pipes one that throws. */
function isFlowing(transport: WriteTransport<unknown>): transport is FlowingTransport {
  return (
    '_isPaused' in transport && 'write' in transport && !(transport instanceof ReadPipeTransport)
  );
}
