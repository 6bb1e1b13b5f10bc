/**
 * How a future shows itself: the counterpart of asyncio's base_futures._future_repr_info.
 *
 * In debug mode its done callbacks and where it was made are part of it. Nothing is retrieved by being shown.
 */

import { repr } from '../util/format.js';
import { createdAt } from './creation.js';
import { DoneCallback } from './done_callback.js';
import type { Runnable } from './events.js';
import type { Scheduler } from './scheduler.js';

interface Shown {
  readonly _loop: Scheduler;
  done(): boolean;
  cancelled(): boolean;
}

/** The words of a future's repr: the state comes first. */
export function futureWords(
  future: Shown,
  hasFailed: boolean,
  value: unknown,
  waiting: Runnable | Runnable[] | null,
): string[] {
  const callbacks = future._loop.getDebug() ? callbackWords(waiting) : [];
  return [...stateWords(future, hasFailed, value), ...callbacks, ...createdAt(future)];
}

function stateWords(future: Shown, hasFailed: boolean, value: unknown): string[] {
  if (!future.done()) return ['pending'];
  if (future.cancelled()) return ['cancelled'];
  return ['finished', `${hasFailed ? 'exception' : 'result'}=${repr(value)}`];
}

/** `cb=[first, <2 more>, last]`; who awaits it is shown as asyncio shows a task that does. */
function callbackWords(waiting: Runnable | Runnable[] | null): string[] {
  if (waiting === null) return [];
  const names = (Array.isArray(waiting) ? waiting : [waiting]).map((one) =>
    one instanceof DoneCallback ? one.call : 'Task.wakeup()',
  );
  const between = names.length > 2 ? [`<${names.length - 2} more>`] : [];
  const last = names.length > 1 ? [names.at(-1)] : [];
  return [`cb=[${[names[0], ...between, ...last].join(', ')}]`];
}
