/**
 * What write() takes, as bytes. Views share the caller's memory; only strings are copied.
 */

import { typeError } from '../util/check.js';
import type { WriteData } from './transports.js';

/** @throws TypeError for anything that is not bytes or a string */
export function toBytes(data: WriteData): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw typeError('data', 'a string, a Buffer, a typed array, a DataView or an ArrayBuffer', data);
}
