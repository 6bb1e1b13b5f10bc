/**
 * One addDoneCallback: a Handle, as in asyncio, that remembers its callback so that it can be removed.
 *
 * Its async context is that in which it was added, or the one given.
 */

import { AsyncResource } from 'node:async_hooks';
import { checkOptions } from '../util/check.js';
import { callName } from '../util/format.js';
import type { AnyFuture } from './awaiter.js';
import { type ContextSnapshot, inContext } from './context.js';
import { type Callback, Handle } from './events.js';

export interface DoneCallbackOptions {
  /** Where the callback runs: what AsyncLocalStorage.snapshot() returned. */
  context?: ContextSnapshot;
}

export class DoneCallback extends Handle {
  readonly callback: Callback;

  constructor(future: AnyFuture, callback: Callback, options?: DoneCallbackOptions) {
    checkOptions(options);
    const make = () => new AsyncResource('uvio.DoneCallback');
    super(callback, [future], future._loop, inContext(options?.context, make));
    this.callback = callback;
  }

  override toString(): string {
    return `<Handle ${callName(this.callback)}>`;
  }
}
