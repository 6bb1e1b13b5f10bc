/**
 * What locks and queues have in common: the loop they wait on, and how they are shown.
 *
 * asyncio's _LoopBoundMixin. An object belongs to no loop until something has to wait on it, and to that
 * loop from then on: a wake-up from another loop would come to nobody.
 */

import { inspect } from 'node:util';
import { RuntimeError } from '../core/exceptions.js';
import type { Scheduler } from '../core/scheduler.js';

export abstract class LoopBound {
  #loop: Scheduler | null = null;

  /** @internal */
  toString(): string {
    return `<${this.constructor.name} ${this._describe()}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** The state, as asyncio shows it. */
  protected abstract _describe(): string;

  /** Something is about to wait on `loop`. */
  protected _bind(loop: Scheduler): void {
    this.#loop ??= loop;
    if (this.#loop !== loop) {
      throw new RuntimeError(`${this} is bound to a different event loop`);
    }
  }
}
