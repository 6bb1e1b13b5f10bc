/**
 * Checks of arguments: each throws an error that names the argument and shows the value.
 *
 * The codes are Node's (ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE), so that callers can tell them apart
 * as they do with Node's own functions.
 */

import { repr } from './format.js';

function show(value: unknown): string {
  const text = repr(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** A TypeError for `argument`, which must be `expected`. */
export function typeError(argument: string, expected: string, value: unknown): TypeError {
  const error = new TypeError(`${argument} must be ${expected}, got ${show(value)}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}

/** A RangeError for `argument`, which must be `expected`. */
export function rangeError(argument: string, expected: string, value: unknown): RangeError {
  const error = new RangeError(`${argument} must be ${expected}, got ${show(value)}`);
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

/** A TypeError with asyncio's words, where asyncio raises ValueError. */
export function valueError(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
}

export function checkFunction(argument: string, value: unknown): void {
  if (typeof value !== 'function') throw typeError(argument, 'a function', value);
}

export function checkBoolean(argument: string, value: unknown): void {
  if (typeof value !== 'boolean') throw typeError(argument, 'a boolean', value);
}

/** A number that is not NaN; infinities pass. */
export function checkNumber(argument: string, value: unknown): void {
  if (typeof value !== 'number') throw typeError(argument, 'a number', value);
  if (Number.isNaN(value)) throw rangeError(argument, 'a number other than NaN', value);
}

/** Milliseconds, 0 or more; Infinity passes. */
export function checkDuration(argument: string, value: unknown): void {
  checkNumber(argument, value);
  if ((value as number) < 0) throw rangeError(argument, '0 or more', value);
}

export function checkInteger(
  argument: string,
  value: unknown,
  minimum: number,
  maximum: number,
): void {
  if (typeof value !== 'number') throw typeError(argument, 'an integer', value);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw rangeError(argument, `an integer from ${minimum} to ${maximum}`, value);
  }
}

/** Text that the system takes to end at a zero byte: it would connect to localhost for 'localhost\0.example'. */
export function checkNoZero(argument: string, text: string | Uint8Array): void {
  const hasZero = typeof text === 'string' ? text.includes('\0') : text.includes(0);
  if (hasZero) throw typeError(argument, 'without zero bytes', text);
}

export function checkPort(argument: string, value: unknown): void {
  checkInteger(argument, value, 0, 65535);
}

/** An options object, or undefined. */
export function checkOptions(value: unknown, argument = 'options'): void {
  if (value !== undefined && (typeof value !== 'object' || value === null)) {
    throw typeError(argument, 'an object', value);
  }
}
