/**
 * Where errors go that no caller can catch: asyncio's exception handler of a loop.
 *
 * Nothing here throws, and nothing here ends the process: a handler that fails is itself reported, to
 * the log in the end.
 */

import { typeError } from '../util/check.js';
import { describeError, repr } from '../util/format.js';
import { log } from '../util/logger.js';
import { formatCreation } from './creation.js';
import type { ExceptionContext } from './events.js';
import type { StackFrame } from './stacks.js';

/** What setExceptionHandler() takes; `loop` is the EventLoop that the error belongs to. */
// biome-ignore lint/suspicious/noExplicitAny: the loop's class is above this floor
export type ExceptionHandler = (loop: any, context: ExceptionContext) => unknown;

/** The two that are stacks, by asyncio's names of them. */
function showKey(key: string, value: unknown): string {
  if (key === 'sourceTraceback' && Array.isArray(value)) {
    return `source_traceback: ${formatCreation('Object', value)}`;
  }
  if (key === 'handleTraceback' && Array.isArray(value)) {
    return `handle_traceback: ${formatCreation('Handle', value)}`;
  }
  // The repr of what could not be kept.
  const isRepr = typeof value === 'string' && value.startsWith('<');
  return `${key}: ${isRepr ? value : repr(value)}`;
}

export class ExceptionReporter {
  #handler: ExceptionHandler | null = null;

  /**
   * Sets what is called with errors that nobody caught; null restores the default: asyncio's set_exception_handler.
   *
   * @throws TypeError
   */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    if (handler !== null && typeof handler !== 'function') {
      throw typeError('handler', 'a function or null', handler);
    }
    this.#handler = handler;
  }

  /** What setExceptionHandler() was given, or `null`. */
  getExceptionHandler(): ExceptionHandler | null {
    return this.#handler;
  }

  /** Logs the context in asyncio's format, the exception with its stack last. */
  defaultExceptionHandler(context: ExceptionContext): void {
    const lines = [context.message || 'Unhandled exception in event loop'];
    const traceback = context.sourceTraceback ?? context.handleTraceback ?? this._handleTraceback();
    const shown =
      traceback === undefined || context.sourceTraceback !== undefined
        ? context
        : { ...context, handleTraceback: traceback };
    for (const key of Object.keys(shown).sort()) {
      if (key === 'message' || key === 'exception') continue;
      lines.push(showKey(key, shown[key]));
    }
    if (context.exception !== undefined) lines.push(describeError(context.exception));
    log('error', lines.join('\n'));
  }

  /** Where the callback under way was scheduled, in debug mode. */
  protected _handleTraceback(): StackFrame[] | undefined {
    return undefined;
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
