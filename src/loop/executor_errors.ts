/**
 * The errors of executors: concurrent.futures' BrokenExecutor, and what a call threw, put together again.
 *
 * An error from a worker has the stacks of both sides: where it was thrown, and below that where the call was made.
 */

import { RuntimeError } from '../core/exceptions.js';
import type { CallSite } from '../util/call_site.js';
import type { ErrorParts, Packed } from './executor_worker.js';

/** A worker ended while it ran a call: concurrent.futures.BrokenExecutor. The executor goes on with another. */
export class BrokenExecutor extends RuntimeError {
  static {
    BrokenExecutor.prototype.name = 'BrokenExecutor';
  }
}

/** A thread of a ThreadPoolExecutor ended while it ran a call: concurrent.futures.thread.BrokenThreadPool. */
export class BrokenThreadPool extends BrokenExecutor {
  static {
    BrokenThreadPool.prototype.name = 'BrokenThreadPool';
  }
}

/** A process of a ProcessPoolExecutor ended while it ran a call: concurrent.futures.process.BrokenProcessPool. */
export class BrokenProcessPool extends BrokenExecutor {
  static {
    BrokenProcessPool.prototype.name = 'BrokenProcessPool';
  }
}

const CLASSES: Record<string, new (message: string) => Error> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** What a call threw. */
export function unpack(packed: Packed): unknown {
  if ('list' in packed) return packed.list.map(unpack);
  return 'error' in packed ? joined(packed.error) : packed.value;
}

/** What a call threw, with the caller's frames below those of the worker. */
export function unpackAt(packed: Packed, where: string, site: CallSite | null): unknown {
  const thrown = unpack(packed);
  if (thrown instanceof Error && site !== null) {
    const frames = site.stack.slice(site.stack.indexOf('\n') + 1);
    thrown.stack = `${thrown.stack}\n    at [${where}]\n${frames}`;
  }
  return thrown;
}

function joined({ type, name, message, stack, properties }: ErrorParts): Error {
  const error = emptyError(type, name, message);
  if (error.name !== name) define(error, 'name', name, false);
  for (const { key, enumerable, value } of properties)
    define(error, key, unpack(value), enumerable);
  error.stack = stack;
  return error;
}

function emptyError(type: string, name: string, message: string): Error {
  if (type === 'DOMException') return new DOMException(message, name);
  if (type === 'AggregateError') return new AggregateError([], message);
  return new (CLASSES[type] ?? Error)(message);
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}
