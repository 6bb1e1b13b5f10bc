/**
 * A future that ends in a slot of the ready queue of its own, in which those who await it go on as well.
 *
 * Between its end and them comes nothing, so that a result that is taken from somewhere (a lock, bytes, a
 * connection) is never left between the two. Done callbacks come later through the loop, as everywhere, since one of them
 * could cancel who awaits.
 */

import { Handle, type Runnable } from './events.js';
import { Future } from './futures.js';

export class InlineFuture<T> extends Future<T> {
  /** Those who await it go on in its slot. @internal */
  _ranFor(): object {
    const waiting = Array.isArray(this._waiting) ? this._waiting[0] : this._waiting;
    return waiting?._ranFor?.() ?? waiting ?? this;
  }

  protected override _wake(runnable: Runnable): void {
    if (runnable instanceof Handle) super._wake(runnable);
    else runnable.run();
  }
}
