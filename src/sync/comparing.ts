/**
 * The order of a PriorityQueue's items, as Python's `<` has it: numbers, strings, and arrays of them.
 *
 * What Python would not compare is refused here too, where JavaScript's `<` would say something.
 */

import { repr } from '../util/format.js';

/**
 * Negative, 0 or positive, as Array.prototype.sort() takes it. Arrays are compared as Python's tuples:
 * the first elements that differ decide, then the lengths.
 *
 * @throws TypeError when the two cannot be compared
 */
export function compareItems(left: unknown, right: unknown): number {
  if (Array.isArray(left) && Array.isArray(right)) return compareArrays(left, right);
  const kind = kindOf(left);
  if (kind === null || kind !== kindOf(right)) {
    throw new TypeError(`cannot compare ${repr(left)} with ${repr(right)} (pass 'compare')`);
  }
  return compareOrdered(left as number, right as number);
}

function compareArrays(left: readonly unknown[], right: readonly unknown[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    // What is the same need not be comparable.
    if (left[index] === right[index]) continue;
    const order = compareItems(left[index], right[index]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareOrdered(left: number, right: number): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

/** What can be compared with each other. */
function kindOf(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
    case 'bigint':
    case 'boolean':
      return 'number';
    default:
      return value instanceof Date ? 'date' : null;
  }
}
