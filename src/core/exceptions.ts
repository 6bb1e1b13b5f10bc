/**
 * The errors of asyncio. Every class has `name` on its prototype, as Node's own errors do.
 *
 * A CancelledError is also what an AbortSignal's user expects: its code is 'ABORT_ERR'.
 */

import { repr } from '../util/format.js';

/** The operation was cancelled: asyncio.CancelledError. */
export class CancelledError extends Error {
  /** That of everything that a signal stops. */
  readonly code = 'ABORT_ERR';
  static {
    CancelledError.prototype.name = 'CancelledError';
  }
}

// Where intrinsics are frozen the stack is taken after all.
const canLimitStack =
  Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.writable !== false &&
  Object.isExtensible(Error);

/**
 * The error that `cancel(message)` throws. It has no stack: that would show the loop at work, which every
 * cancellation goes through, and taking it is three quarters of what a cancellation costs.
 */
export function cancelledError(message?: unknown): CancelledError {
  const text = message === undefined ? '' : textOf(message);
  if (!canLimitStack) return new CancelledError(text);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new CancelledError(text);
  Error.stackTraceLimit = limit;
  return error;
}

/** A cancellation is not lost for a message that is no text and cannot become one. */
function textOf(message: unknown): string {
  try {
    return String(message);
  } catch {
    return repr(message);
  }
}

/** An operation that the state of a Future or Task does not allow: asyncio.InvalidStateError. */
export class InvalidStateError extends Error {
  static {
    InvalidStateError.prototype.name = 'InvalidStateError';
  }
}

/** A deadline passed: Python's TimeoutError. */
export class TimeoutError extends Error {
  /** As Node's errors of time have it. */
  readonly code = 'ETIMEDOUT';
  static {
    TimeoutError.prototype.name = 'TimeoutError';
  }
}

/** Wrong use of the loop: Python's RuntimeError. */
export class RuntimeError extends Error {
  static {
    RuntimeError.prototype.name = 'RuntimeError';
  }
}

/** SIGINT ended `run()`: Python's KeyboardInterrupt. */
export class KeyboardInterrupt extends Error {
  /** As of everything that was stopped. */
  readonly code = 'SIGINT';
  static {
    KeyboardInterrupt.prototype.name = 'KeyboardInterrupt';
  }
}

/** What sendfile() throws where the system cannot do it: asyncio.SendfileNotAvailableError. */
export class SendfileNotAvailableError extends RuntimeError {
  static {
    SendfileNotAvailableError.prototype.name = 'SendfileNotAvailableError';
  }
}

/** A stream ended before a read had all that it asked for: asyncio.IncompleteReadError. */
export class IncompleteReadError extends Error {
  /** What had arrived. */
  readonly partial: Buffer;
  /** How many bytes were asked for; null when that is not known. */
  readonly expected: number | null;
  static {
    IncompleteReadError.prototype.name = 'IncompleteReadError';
  }

  /** What arrived, how much was wanted (`null`: unknown), and why no more comes. */
  constructor(partial: Buffer, expected: number | null) {
    super(`${partial.length} bytes read on a total of ${expected ?? 'undefined'} expected bytes`);
    this.partial = partial;
    this.expected = expected;
  }
}

/** More arrived than the stream's limit, and no separator: asyncio.LimitOverrunError. */
export class LimitOverrunError extends Error {
  /** How many bytes can be taken from the stream without taking a part of the separator. */
  readonly consumed: number;
  static {
    LimitOverrunError.prototype.name = 'LimitOverrunError';
  }

  /** The words, and how many bytes can be read without the separator. */
  constructor(message: string, consumed: number) {
    super(message);
    this.consumed = consumed;
  }
}
