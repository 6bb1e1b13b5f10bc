/*
 * Redis' integers: signed 64-bit, written in decimal with no sign, space or zero to spare.
 * A number stands for what it can hold exactly, a bigint for the rest, so the usual counter never
 * pays for the range. Invariant: an Integer is always inside the 64-bit range.
 */

export type Integer = number | bigint;

const MINIMUM = -(2n ** 63n);
const MAXIMUM = 2n ** 63n - 1n;
const DECIMAL = /^-?[1-9][0-9]{15,18}$/;

/** Reads an integer; `undefined` if the text is not exactly how Redis would write one. */
export function parseInteger(text: string): Integer | undefined {
  const value = Number(text);
  if (Number.isSafeInteger(value)) {
    return String(value) === text ? value : undefined;
  }
  return DECIMAL.test(text) ? inRange(BigInt(text)) : undefined;
}

/** The sum, or `undefined` if it leaves the 64-bit range. */
export function addIntegers(left: Integer, right: Integer): Integer | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) {
      return sum;
    }
  }
  return inRange(BigInt(left) + BigInt(right));
}

/** The integer with its sign turned, or `undefined` for the one that has no counterpart. */
export function negateInteger(value: Integer): Integer | undefined {
  return typeof value === 'number' ? 0 - value : inRange(-value);
}

function inRange(value: bigint): bigint | undefined {
  return value >= MINIMUM && value <= MAXIMUM ? value : undefined;
}
