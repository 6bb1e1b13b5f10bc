/**
 * The options of sockets that createConnection, createServer and their like have in common.
 */

import type { DescriptorSource } from '../io/descriptors.js';
import type { TcpSettings } from '../io/tcp.js';
import { checkBoolean, checkNumber, rangeError, typeError } from '../util/check.js';

/** Of each connection over TCP. */
export interface TcpOptions {
  /** False lets the system gather small writes (Nagle's algorithm). */
  noDelay?: boolean;
  /** True has the system ask a silent peer whether it is still there; a number: after so many ms of silence. */
  keepAlive?: boolean | number;
}

/** A socket that the caller has made, in place of an address. The transport or server owns it and closes it. */
export interface SocketOption {
  /** A Socket, a file descriptor, or an object with one as its `fd`. */
  sock?: DescriptorSource;
}

// What Linux takes at most, in seconds.
const LONGEST_DELAY = 32_767;

/** @throws TypeError or RangeError */
export function checkTcpOptions(options: TcpOptions | undefined): TcpSettings {
  const { noDelay = true, keepAlive = false } = options ?? {};
  checkBoolean('noDelay', noDelay);
  if (typeof keepAlive === 'boolean') return { noDelay, keepAlive: keepAlive ? 0 : null };
  if (typeof keepAlive !== 'number') {
    throw typeError('keepAlive', 'a boolean or a number of milliseconds', keepAlive);
  }
  checkNumber('keepAlive', keepAlive);
  const seconds = Math.ceil(keepAlive / 1000);
  if (seconds < 1 || seconds > LONGEST_DELAY) {
    throw rangeError('keepAlive', `from 1 to ${LONGEST_DELAY * 1000} milliseconds`, keepAlive);
  }
  return { noDelay, keepAlive: seconds };
}
