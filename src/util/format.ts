/**
 * How values appear in asyncio's messages: the counterpart of Python's repr().
 *
 * Pure functions, and none of them throws, whatever it is given: they run while errors are reported.
 */

import { inspect } from 'node:util';

/** One line for any value. */
export function repr(value: unknown): string {
  try {
    if (value instanceof Error) return `${value.name}(${inspect(value.message)})`;
    // `compact: true` keeps even long lists on one line.
    return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, compact: true });
  } catch {
    return '<value that cannot be shown>';
  }
}

const LONGEST_ARGUMENT = 60;

/** A function's name with its brackets, as 'work()', and what it is called with. */
export function callName(callback: unknown, args: readonly unknown[] = []): string {
  let name: unknown;
  try {
    name = typeof callback === 'function' ? callback.name : '';
  } catch {
    name = '';
  }
  const shown = args.map(repr).map((text) => {
    return text.length > LONGEST_ARGUMENT ? `${text.slice(0, LONGEST_ARGUMENT - 3)}...` : text;
  });
  return `${typeof name !== 'string' || name === '' ? '<anonymous>' : name}(${shown.join(', ')})`;
}

/** An error with its stack, causes included, for the end of a log message. */
export function describeError(error: unknown): string {
  try {
    return inspect(error);
  } catch {
    return repr(error);
  }
}
