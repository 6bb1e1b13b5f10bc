/**
 * What write() takes, as bytes, and lists of them. Views share the caller's memory; only strings are copied. So a
 * program may have taken the memory away again (a buffer transferred to another thread, or resized) before it was sent.
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

/** How many bytes these are now. */
export function sizeOf(list: readonly Uint8Array[]): number {
  let size = 0;
  for (const bytes of list) size += bytes.byteLength;
  return size;
}

/** Puts them together at the beginning of `space`, which is returned. */
export function join(space: Uint8Array, list: readonly Uint8Array[]): Uint8Array {
  let offset = 0;
  for (const bytes of list) {
    space.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return space;
}
