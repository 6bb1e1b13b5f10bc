/**
 * The errors of asyncio. Every class has `name` on its prototype, as Node's own errors do.
 *
 * A CancelledError is also what an AbortSignal's user expects: its code is 'ABORT_ERR'.
 */

/** The operation was cancelled: asyncio.CancelledError. */
export class CancelledError extends Error {
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
  const text = message === undefined ? '' : String(message);
  if (!canLimitStack) return new CancelledError(text);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new CancelledError(text);
  Error.stackTraceLimit = limit;
  return error;
}

/** An operation that the state of a Future or Task does not allow: asyncio.InvalidStateError. */
export class InvalidStateError extends Error {
  static {
    InvalidStateError.prototype.name = 'InvalidStateError';
  }
}

/** A deadline passed: Python's TimeoutError. */
export class TimeoutError extends Error {
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
