/**
 * sendfile and sock_sendfile: a file that goes to a socket without passing through JavaScript.
 *
 * A thread of libuv's sends pieces of it, since reading from the disk may take any time; the loop waits for the socket
 * between them. Invariant: what was sent is counted, and the file's position behind it, however the sending ends; nobody
 * else writes in between. Where the system cannot, the file is read and written instead.
 */

import { fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { native } from '../binding/addon.js';
import type { AbortOptions } from '../core/abort.js';
import { CancelledError, RuntimeError, SendfileNotAvailableError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Yielded } from '../core/yielded.js';
import { checkDescriptor, type DescriptorSource } from '../io/descriptors.js';
import { FileSend } from '../io/file_send.js';
import { WritePipeTransport } from '../io/pipe.js';
import type { Socket } from '../io/socket.js';
import { type CallTarget, ready } from '../io/socket_call.js';
import { TcpTransport } from '../io/tcp.js';
import { UnixTransport } from '../io/unix.js';
import { Watchers } from '../io/watchers.js';
import { checkBoolean, checkInteger, checkOptions } from '../util/check.js';
import { errnoOf, type SystemError, systemError, UV_EAGAIN } from '../util/system_error.js';
import { type FlowingTransport, SendfileProtocol } from './sendfile_protocol.js';
import type { SocketLoop } from './socket_loop.js';
import type { SystemLoop } from './system_loop.js';

/** What sendfile() takes. */
export interface SendfileOptions extends AbortOptions {
  /** False to throw SendfileNotAvailableError where the system cannot send the file itself. */
  fallback?: boolean;
}

/** What to send, checked. */
export interface FilePart {
  /** The file's descriptor. */
  file: number;
  offset: number;
  /** null for all that there is. */
  count: number | null;
}

const readFile = promisify(read);

// What is read and written at a time.
const BLOCK_SIZE = 256 * 1024;

// The file, or the socket, is of a kind with which sendfile() does not work.
const CANNOT = ['EINVAL', 'ENOSYS', 'ENOTSUP', 'ESPIPE', 'EXDEV'].map(errnoOf);
// The connection is over.
const LOST = ['EPIPE', 'ECONNRESET', 'ECONNABORTED', 'ENOTCONN', 'ETIMEDOUT', 'EHOSTUNREACH'].map(
  errnoOf,
);

/** @throws TypeError or RangeError */
export function checkPart(file: DescriptorSource, offset: number, count: number | null): FilePart {
  const descriptor = checkDescriptor('file', file);
  checkInteger('offset', offset, 0, Number.MAX_SAFE_INTEGER);
  if (count !== null) checkInteger('count', count, 1, Number.MAX_SAFE_INTEGER);
  return { file: descriptor, offset, count };
}

/** @throws TypeError */
export function checkFallback(options: SendfileOptions | undefined): boolean {
  checkOptions(options);
  const fallback = options?.fallback ?? true;
  checkBoolean('fallback', fallback);
  return fallback;
}

/** A transport that the system can send to. */
type NativeTransport = TcpTransport | UnixTransport | WritePipeTransport;

function isNative(transport: object): transport is NativeTransport {
  return (
    transport instanceof TcpTransport ||
    transport instanceof UnixTransport ||
    transport instanceof WritePipeTransport
  );
}

/** Sends past the transport's buffer, once that is empty. @returns bytes sent */
async function sendThrough(
  loop: SystemLoop,
  transport: NativeTransport,
  part: FilePart,
): Promise<number> {
  const resumes = transport.isReading();
  const transfer = transport._beginTransfer();
  let failed = 0;
  try {
    transport.pauseReading();
    await transfer.emptied;
    return await sendPieces(loop, transfer, part);
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    if (transfer.failure !== null) throw transfer.failure;
    const { errno } = error as Partial<SystemError>;
    if (errno !== undefined && LOST.includes(errno)) failed = errno;
    throw error;
  } finally {
    transport._endTransfer(failed);
    if (resumes) transport.resumeReading();
  }
}

/**
 * Sends piece after piece. @returns bytes sent
 *
 * @throws SendfileNotAvailableError when nothing was sent because the system cannot; or a system error
 */
async function sendPieces(
  loop: SystemLoop,
  target: CallTarget,
  { file, offset, count }: FilePart,
): Promise<number> {
  let sent = 0;
  try {
    for (;;) {
      const left = (count ?? Number.MAX_SAFE_INTEGER) - sent;
      if (left === 0) return sent;
      const piece = new FileSend(loop._reactor, target.fileno(), file, offset + sent, left);
      let result: number;
      try {
        result = await piece;
      } finally {
        sent += piece.sent;
      }
      if (result === 0) return sent;
      if (result < 0 && result !== UV_EAGAIN) {
        const error = systemError(result, 'sendfile');
        if (sent > 0 || !CANNOT.includes(result)) throw error;
        throw new SendfileNotAvailableError(error.message, { cause: error });
      }
      if (piece.blocked) await ready(loop, loop._watchers, target, 'writer', 'sendfile');
    }
  } finally {
    if (sent > 0) native.setFilePosition(file, offset + sent);
  }
}

/** A pipe that is read. A read that has nothing to read could not be cancelled, and would keep one of libuv's threads. */
class Source implements CallTarget {
  readonly #loop: SystemLoop;
  readonly #file: number;
  /** Its own: the program may watch the pipe, too. */
  readonly #watchers: Watchers;

  constructor(loop: SystemLoop, file: number) {
    this.#loop = loop;
    this.#file = file;
    this.#watchers = new Watchers(loop._reactor);
  }

  /** Done when there is something to read, or the end. */
  readable(): Future<void> {
    return ready(this.#loop, this.#watchers, this, 'reader', 'read');
  }

  fileno(): number {
    return this.#file;
  }

  _checkFree(): void {}
  _addWaiter(): void {}
  _removeWaiter(): void {}
}

/** Sends a block, and tells `taken` as soon as some of it is on its way. */
type BlockWriter = (block: Uint8Array, taken: (size: number) => void) => PromiseLike<unknown>;

/** Reads blocks and gives them to `write`, which waits until there is room. @returns bytes sent */
async function sendBlocks(
  loop: SystemLoop,
  { file, offset, count }: FilePart,
  write: BlockWriter,
): Promise<number> {
  const status = fstatSync(file);
  // A pipe has no place to read at.
  const hasPlace = offset > 0 || status.isFile();
  // Windows does not tell when there is something to read.
  const waits = process.platform !== 'win32' && (status.isFIFO() || status.isSocket());
  const source = waits ? new Source(loop, file) : null;
  let sent = 0;
  try {
    for (;;) {
      const size = Math.min((count ?? BLOCK_SIZE + sent) - sent, BLOCK_SIZE);
      if (size === 0) return sent;
      // Where a cancellation is thrown though nobody has to wait for room; behind a read it would lose the block.
      await (source?.readable() ?? new Yielded(loop, undefined));
      const block = Buffer.allocUnsafeSlow(size);
      const { bytesRead } = await readFile(file, block, 0, size, hasPlace ? offset + sent : null);
      if (bytesRead === 0) return sent;
      await write(block.subarray(0, bytesRead), (written) => {
        sent += written;
      });
    }
  } finally {
    if (sent > 0 && hasPlace) native.setFilePosition(file, offset + sent);
  }
}

/** As sendBlocks(), through a transport of any kind. What that has taken leaves, whoever goes on waiting. */
async function writeThrough(
  loop: SystemLoop,
  transport: FlowingTransport,
  part: FilePart,
): Promise<number> {
  const protocol = new SendfileProtocol(loop, transport);
  try {
    return await sendBlocks(loop, part, (block, taken) => {
      protocol.checkOpen();
      transport.write(block);
      taken(block.byteLength);
      return protocol.drain();
    });
  } finally {
    protocol.restore();
  }
}

/** sendfile(): natively where that goes. @throws RuntimeError with asyncio's words, or as the ways to send */
export async function sendFile(
  loop: SystemLoop,
  transport: FlowingTransport,
  part: FilePart,
  fallback: boolean,
): Promise<number> {
  if (isNative(transport)) {
    try {
      return await sendThrough(loop, transport, part);
    } catch (error) {
      if (!fallback || !(error instanceof SendfileNotAvailableError)) throw error;
    }
  } else if (!fallback) {
    throw new RuntimeError(
      `fallback is disabled and native sendfile is not supported for transport ${transport}`,
    );
  }
  return writeThrough(loop, transport, part);
}

/** sock_sendfile(). */
export async function sockSendFile(
  loop: SocketLoop,
  sock: Socket<unknown>,
  part: FilePart,
  fallback: boolean,
): Promise<number> {
  sock._checkFree();
  try {
    return await sendPieces(loop, sock, part);
  } catch (error) {
    if (!fallback || !(error instanceof SendfileNotAvailableError)) throw error;
  }
  return sendBlocks(loop, part, (block, taken) => loop._sendAll(sock, block, taken));
}
