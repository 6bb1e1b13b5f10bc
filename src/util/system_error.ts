/**
 * Errors of the operating system in Node's shape, from libuv's negative codes.
 *
 * Answers to Node's UVExceptionWithHostPort. The message says code, libuv's words and the address; a
 * CallSite puts the caller's stack in place of that of the event which brought the error.
 */

import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** An error of the system, in the shape of Node's. */
export interface SystemError extends Error {
  /** `ECONNREFUSED` and its like. */
  code: string;
  /** libuv's number, negative. */
  errno: number;
  /** What was called. */
  syscall: string;
  /** To whom, or where. */
  address?: string;
  /** To which. */
  port?: number;
  /** Whose address was looked for. */
  hostname?: string;
}

export interface SystemErrorDetails {
  address?: string | undefined;
  port?: number | undefined;
  hostname?: string | undefined;
  message?: string;
  code?: string;
}

// With what exec() alone can fail with, which libuv has no name for.
const systemErrors = new Map(getSystemErrorMap()).set(-constants.errno.ENOEXEC, [
  'ENOEXEC',
  'exec format error',
]);

const errnos = new Map([...systemErrors].map(([errno, [code]]) => [code, errno]));

/** The name of a libuv error, as 'ECONNREFUSED'. */
export function errorName(errno: number): string {
  return systemErrors.get(errno)?.[0] ?? `Unknown system error ${errno}`;
}

/** libuv's negative code of the error of this name. */
export function errnoOf(name: string): number {
  const errno = errnos.get(name);
  if (errno === undefined) throw new Error(`libuv has no error ${name}`);
  return errno;
}

export const UV_EOF = -4095;
export const UV_EALREADY = errnoOf('EALREADY');
export const UV_ECANCELED = errnoOf('ECANCELED');
export const UV_ECONNABORTED = errnoOf('ECONNABORTED');
export const UV_ECONNRESET = errnoOf('ECONNRESET');
export const UV_EINVAL = errnoOf('EINVAL');
export const UV_EBADF = errnoOf('EBADF');
export const UV_EAGAIN = errnoOf('EAGAIN');
export const UV_EPIPE = errnoOf('EPIPE');
export const UV_EMFILE = errnoOf('EMFILE');
export const UV_ENFILE = errnoOf('ENFILE');
export const UV_ENOBUFS = errnoOf('ENOBUFS');
export const UV_ENOMEM = errnoOf('ENOMEM');
export const UV_ENOTCONN = errnoOf('ENOTCONN');
export const UV_EADDRNOTAVAIL = errnoOf('EADDRNOTAVAIL');
export const UV_EAFNOSUPPORT = errnoOf('EAFNOSUPPORT');

/** Where a public function was called: what the stacks of its later errors begin with. */
export class CallSite {
  readonly stack!: string;

  /**
   * @param entry the public function, which does not appear in the stack itself
   * @param depth how many frames are taken, where each counts; by default as many as of an error
   */
  constructor(entry: (...args: never[]) => unknown, depth = Error.stackTraceLimit) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = depth;
    Error.captureStackTrace(this, entry);
    Error.stackTraceLimit = limit;
  }

  /** Gives `error` this place for its stack, if it is the system's. */
  claim(error: unknown): void {
    if (error instanceof Error && 'syscall' in error) this.place(error);
  }

  /** Gives any `error` this place for its stack. */
  place(error: Error): void {
    const frames = this.stack.slice(this.stack.indexOf('\n'));
    error.stack = `${error.name}: ${error.message}${frames}`;
  }
}

/**
 * A system error as Node would make it.
 *
 * @param errno libuv's negative code
 * @param syscall the operation that failed, as 'connect'
 */
export function systemError(
  errno: number,
  syscall: string,
  details: SystemErrorDetails = {},
): SystemError {
  const [name, words] = systemErrors.get(errno) ?? [errorName(errno), 'unknown error'];
  const code = details.code ?? name;
  let message = details.message ?? `${syscall} ${code}: ${words}`;
  if (details.address !== undefined) {
    const { address, port } = details;
    if (port === undefined) message += ` ${address}`;
    else message += address.includes(':') ? ` [${address}]:${port}` : ` ${address}:${port}`;
  }
  const error = new Error(message) as SystemError;
  error.code = code;
  error.errno = errno;
  error.syscall = syscall;
  if (details.address !== undefined) error.address = details.address;
  if (details.port !== undefined) error.port = details.port;
  if (details.hostname !== undefined) error.hostname = details.hostname;
  return error;
}

/** The same of an error that the native side threw when it could not make an object: it has libuv's code. */
export function nativeError(error: unknown, syscall: string): SystemError {
  return systemError(errnoOf((error as NodeJS.ErrnoException).code ?? ''), syscall);
}
