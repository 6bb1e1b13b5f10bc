/**
 * One addDoneCallback: a Handle, as in asyncio, that remembers its callback so that it can be removed.
 *
 * Its async context is that in which it was added, or the one given.
 */

import { checkOptions } from '../util/check.js';
import { callName } from '../util/format.js';
import type { AnyFuture } from './awaiter.js';
import { type ContextSnapshot, inContext } from './context.js';
import { createdAt } from './creation.js';
import { type Callback, Handle } from './events.js';

/** What addDoneCallback() takes. */
export interface DoneCallbackOptions {
  /** Where the callback runs: what AsyncLocalStorage.snapshot() returned. */
  context?: ContextSnapshot;
}

export class DoneCallback extends Handle {
  readonly callback: Callback;

  private constructor(future: AnyFuture, callback: Callback) {
    super(callback, [future], future._loop);
    this.callback = callback;
  }

  static make(
    future: AnyFuture,
    callback: Callback,
    options: DoneCallbackOptions | undefined,
  ): DoneCallback {
    if (options === undefined) return new DoneCallback(future, callback);
    checkOptions(options);
    return inContext(options.context, () => new DoneCallback(future, callback));
  }

  /** The callback as the future shows it. */
  get call(): string {
    return callName(this.callback);
  }

  override toString(): string {
    return `<Handle ${[this.call, ...createdAt(this)].join(' ')}>`;
  }
}
