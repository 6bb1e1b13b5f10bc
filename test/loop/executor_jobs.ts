/**
 * A module whose exports are jobs: what the tests of executors give the URL of.
 */

let calls = 0;

/** How often this worker has called it. */
export default function count(): number {
  return ++calls;
}

export function add(left: number, right: number): number {
  return left + right;
}

export function fails(): never {
  throw Object.assign(new RangeError('of the module'), { code: 'E_MODULE' });
}

export function reaches(): never {
  throw new ReferenceError('outside is not defined');
}

export const notFunction = 5;
