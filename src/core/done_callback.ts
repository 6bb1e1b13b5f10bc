/**
 * One addDoneCallback: the callback and the async context in which it was added.
 *
 * Runs through the loop as a Handle does; what it throws goes to the loop's exception handler.
 */

import { AsyncResource } from 'node:async_hooks';
import { inspect } from 'node:util';
import { checkOptions } from '../util/check.js';
import { callName } from '../util/format.js';
import type { AnyFuture } from './awaiter.js';
import { type ContextSnapshot, enterCallback, inContext, leaveCallback } from './context.js';
import type { Callback, Runnable } from './events.js';

export interface DoneCallbackOptions {
  /** Where the callback runs: what AsyncLocalStorage.snapshot() returned. */
  context?: ContextSnapshot;
}

export class DoneCallback implements Runnable {
  readonly callback: Callback;
  readonly #future: AnyFuture;
  readonly #context: AsyncResource;

  constructor(future: AnyFuture, callback: Callback, options?: DoneCallbackOptions) {
    checkOptions(options);
    this.#future = future;
    this.callback = callback;
    this.#context = inContext(options?.context, () => new AsyncResource('uvio.DoneCallback'));
  }

  toString(): string {
    return `<Handle ${callName(this.callback)}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  run(): void {
    enterCallback();
    try {
      this.#context.runInAsyncScope(this.callback, undefined, this.#future);
    } catch (exception) {
      this.#future._loop.callExceptionHandler({
        message: `Exception in callback ${callName(this.callback)}`,
        exception,
        handle: this,
      });
    } finally {
      leaveCallback();
    }
  }
}
