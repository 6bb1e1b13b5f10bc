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

/** The error that `cancel(message)` throws. */
export function cancelledError(message?: unknown): CancelledError {
  return new CancelledError(message === undefined ? '' : String(message));
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
