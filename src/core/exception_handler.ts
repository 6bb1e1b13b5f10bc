/**
 * Where errors go that no caller can catch: asyncio's exception handler of a loop.
 *
 * Nothing here throws, and nothing here ends the process: a handler that fails is itself reported, to
 * the log in the end.
 */

import { typeError } from '../util/check.js';
import { describeError, repr } from '../util/format.js';
import { log } from '../util/logger.js';
import type { ExceptionContext } from './events.js';

/** `loop` is the loop that the error belongs to. */
// biome-ignore lint/suspicious/noExplicitAny: the loop's class is above this floor
export type ExceptionHandler = (loop: any, context: ExceptionContext) => unknown;

export class ExceptionReporter {
  #handler: ExceptionHandler | null = null;

  /** Sets what is called with errors that nobody caught; null restores the default. */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    if (handler !== null && typeof handler !== 'function') {
      throw typeError('handler', 'a function or null', handler);
    }
    this.#handler = handler;
  }

  getExceptionHandler(): ExceptionHandler | null {
    return this.#handler;
  }

  /** Logs the context in asyncio's format, the exception with its stack last. */
  defaultExceptionHandler(context: ExceptionContext): void {
    const lines = [context.message || 'Unhandled exception in event loop'];
    for (const key of Object.keys(context).sort()) {
      if (key === 'message' || key === 'exception') continue;
      lines.push(`${key}: ${repr(context[key])}`);
    }
    if (context.exception !== undefined) lines.push(describeError(context.exception));
    log('error', lines.join('\n'));
  }

  /** Reports an error: asyncio's call_exception_handler. `context.message` is required. */
  callExceptionHandler(context: ExceptionContext): void {
    if (typeof context !== 'object' || context === null) {
      throw typeError('context', 'an object', context);
    }
    const handler = this.#handler;
    if (handler === null) {
      this.defaultExceptionHandler(context);
      return;
    }
    try {
      handler(this, context);
    } catch (exception) {
      this.defaultExceptionHandler({
        message: 'Unhandled error in exception handler',
        exception,
        context,
      });
    }
  }
}
