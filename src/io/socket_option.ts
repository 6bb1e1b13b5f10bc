/**
 * setsockopt() and getsockopt() of any socket's descriptor, as Python's socket objects have them.
 */

import { native } from '../binding/addon.js';
import { checkInteger, typeError } from '../util/check.js';
import { systemError } from '../util/system_error.js';

/** An option's value: what is a C int as a number or boolean, else its bytes. */
export type OptionValue = number | boolean | Uint8Array;

const LARGEST = 0x7fffffff;
const INT_SIZE = 4;

export abstract class DescriptorOptions {
  /** The descriptor's number; -1 when closed. */
  abstract fileno(): number;

  /**
   * Sets an option of the socket.
   *
   * @param level SOL_SOCKET or a protocol's number
   * @throws TypeError, RangeError or a system error
   */
  setsockopt(level: number, name: number, value: OptionValue): void {
    checkOption(level, name);
    const error = native.setSocketOption(this.fileno(), level, name, toBytes(value));
    if (error < 0) throw systemError(error, 'setsockopt');
  }

  /** An option's value as a number, or its first `size` bytes. @throws TypeError, RangeError or a system error */
  getsockopt(level: number, name: number): number;
  getsockopt(level: number, name: number, size: number): Buffer;
  getsockopt(level: number, name: number, size?: number): number | Buffer {
    checkOption(level, name);
    if (size !== undefined) checkInteger('size', size, 0, LARGEST);
    const value = new Int32Array(Math.ceil((size ?? INT_SIZE) / INT_SIZE));
    const bytes = Buffer.from(value.buffer, 0, size ?? INT_SIZE);
    const length = native.getSocketOption(this.fileno(), level, name, bytes);
    if (length < 0) throw systemError(length, 'getsockopt');
    return size === undefined ? (value[0] as number) : bytes.subarray(0, length);
  }
}

function checkOption(level: number, name: number): void {
  checkInteger('level', level, 0, LARGEST);
  checkInteger('name', name, 0, LARGEST);
}

function toBytes(value: OptionValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'number' && typeof value !== 'boolean') {
    throw typeError('value', 'a number, a boolean or bytes', value);
  }
  checkInteger('value', Number(value), -LARGEST - 1, LARGEST);
  return new Uint8Array(Int32Array.of(Number(value)).buffer);
}
