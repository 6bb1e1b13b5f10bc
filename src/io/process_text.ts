/**
 * Strings on their way to exec(): checked, and packed with a zero byte behind each.
 *
 * The system knows bytes; strings go as UTF-8, and what is no UTF-8 (a file's name may be) is given as bytes.
 */

import { fileURLToPath } from 'node:url';
import { checkNoZero, rangeError, typeError } from '../util/check.js';

export type Text = string | Uint8Array;

/** @throws TypeError for what is no text, or has a zero byte, at which it would be cut off */
export function checkText(argument: string, value: unknown): Text {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw typeError(argument, 'a string or a Uint8Array', value);
  }
  checkNoZero(argument, value);
  return value;
}

/** The same for a path, which may be a file: URL. */
export function checkPath(argument: string, value: unknown): Text {
  const path = checkText(argument, value instanceof URL ? fileURLToPath(value) : value);
  if (path.length === 0) throw rangeError(argument, 'a path that is not empty', value);
  return path;
}

/** How text is shown, and given back to programs. */
export function show(text: Text): string {
  return typeof text === 'string' ? text : Buffer.from(text).toString();
}

export function pack(list: readonly Text[]): Buffer {
  if (list.length === 0) return Buffer.alloc(0);
  if (list.every((text) => typeof text === 'string')) return Buffer.from(`${list.join('\0')}\0`);
  const zero = Buffer.alloc(1);
  return Buffer.concat(list.flatMap((text) => [Buffer.from(text as Uint8Array), zero]));
}

/** An environment as exec() takes it; names without a value are left out. */
export function packEnvironment(env: Readonly<Record<string, string | undefined>>): Buffer {
  const entries: string[] = [];
  for (const name of Object.keys(env)) {
    const value: unknown = env[name];
    if (value === undefined) continue;
    if (name === '' || name.includes('=') || name.includes('\0')) {
      const names = "an object with names that are not empty and without '=' and zero bytes";
      throw rangeError('env', names, name);
    }
    if (typeof value !== 'string') throw typeError(`env.${name}`, 'a string', value);
    checkText(`env.${name}`, value);
    entries.push(`${name}=${value}`);
  }
  return pack(entries);
}
