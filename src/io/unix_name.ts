/**
 * Names of unix sockets: a path in the file system or, on Linux, an abstract name that begins with a zero byte.
 *
 * They are checked before anything is opened: the system would cut a long one off, and give an empty one a
 * meaning of its own.
 */

import { fileURLToPath } from 'node:url';
import { rangeError, typeError } from '../util/check.js';

// The size of sun_path.
const LONGEST_NAME = process.platform === 'linux' ? 108 : 104;

/** A name without a file: Linux's abstract ones. */
export function isAbstract(name: Uint8Array): boolean {
  return name[0] === 0;
}

/** The name as bytes. @throws TypeError or RangeError */
export function checkName(path: unknown, argument = 'path'): Buffer {
  if (typeof path !== 'string' && !(path instanceof Uint8Array) && !(path instanceof URL)) {
    throw typeError(argument, 'a string, a Buffer or a file: URL', path);
  }
  const name = Buffer.from(path instanceof URL ? fileURLToPath(path) : path);
  if (name.length === 0) throw rangeError(argument, 'a name that is not empty', path);
  if (isAbstract(name)) {
    if (process.platform !== 'linux') {
      throw rangeError(argument, 'a path (abstract names are for Linux)', path);
    }
  } else if (name.includes(0)) {
    throw rangeError(argument, 'a path without zero bytes', path);
  }
  const longest = LONGEST_NAME - (isAbstract(name) ? 0 : 1);
  if (name.length > longest) {
    throw rangeError(argument, `at most ${longest} bytes long (it has ${name.length})`, path);
  }
  return name;
}
