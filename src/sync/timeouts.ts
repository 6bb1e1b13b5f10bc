/**
 * timeout(): asyncio.timeout, a deadline for a part of a task.
 *
 * When it passes, the task is cancelled, which ends the body where it waits; on the way out the cancellation is taken
 * back and becomes a TimeoutError. A cancellation from outside stays what it is. A deadline may be moved from
 * inside the body, and deadlines nest.
 */

import { inspect } from 'node:util';
import { currentTask } from '../core/all_tasks.js';
import { followBody } from '../core/block.js';
import { Coroutine, type CoroutineGenerator } from '../core/coroutines.js';
import type { Handle } from '../core/events.js';
import { CancelledError, RuntimeError, TimeoutError } from '../core/exceptions.js';
import { defaultLoop } from '../core/running.js';
import type { Task } from '../core/tasks.js';
import { checkFunction, checkNumber } from '../util/check.js';

type State = 'created' | 'active' | 'expiring' | 'expired' | 'finished';

/** What timeout() gives its body: asyncio.Timeout. */
export class Timeout {
  #when: number | null;
  #state: State = 'created';
  #task: Task | null = null;
  #cancelling = 0;
  #handle: Handle | null = null;

  /**
   * For timeoutAt(); made by it and by timeout().
   *
   * @param when in milliseconds of loop.time(); null for no deadline
   */
  constructor(when: number | null) {
    checkTime('when', when);
    this.#when = when;
  }

  /** The deadline, in milliseconds of loop.time(); null when there is none. */
  when(): number | null {
    return this.#when;
  }

  /**
   * Moves the deadline to `when`, in milliseconds of loop.time(); null takes it away.
   *
   * @throws RuntimeError when the body is not running
   */
  reschedule(when: number | null): void {
    checkTime('when', when);
    if (this.#state === 'created') throw new RuntimeError('Timeout has not been entered');
    if (this.#state !== 'active') {
      throw new RuntimeError(`Cannot change state of ${this.#state} Timeout`);
    }
    this.#when = when;
    this.#schedule();
  }

  /** Whether the deadline has passed while the body ran. */
  expired(): boolean {
    return this.#state === 'expiring' || this.#state === 'expired';
  }

  /** @internal */
  toString(): string {
    const when = this.#state === 'active' ? ` when=${this.#when?.toFixed(3) ?? null}` : '';
    return `<Timeout [${this.#state}]${when}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  *_run<T>(body: TimeoutBody<T>): CoroutineGenerator<T> {
    this.#enter();
    try {
      return yield* followBody<T>(body(this));
    } catch (error) {
      throw this.#failed(error);
    } finally {
      this.#leave();
    }
  }

  #enter(): void {
    if (this.#state !== 'created') throw new RuntimeError('Timeout has already been entered');
    const task = currentTask();
    if (task === null) throw new RuntimeError('Timeout should be used inside a task');
    this.#state = 'active';
    this.#task = task;
    this.#cancelling = task.cancelling();
    this.#schedule();
  }

  #schedule(): void {
    this.#handle?.cancel();
    this.#handle = null;
    if (this.#when === null) return;
    const loop = (this.#task as Task)._loop;
    const expire = () => {
      this.#state = 'expiring';
      this.#handle = null;
      this.#task?.cancel();
    };
    const late = this.#when <= loop.time();
    this.#handle = late ? loop.callSoon(expire) : loop.callAt(this.#when, expire);
  }

  /** What the body's error becomes. */
  #failed(error: unknown): unknown {
    const task = this.#task as Task;
    const isCancellation = task._asCancellation(error) !== null;
    if (!this.#uncancel()) return error;
    if (isCancellation) return new TimeoutError('', { cause: error });
    replaceCause(error);
    return error;
  }

  #leave(): void {
    this.#handle?.cancel();
    this.#handle = null;
    this.#uncancel();
    if (this.#state === 'active') this.#state = 'finished';
    this.#task = null;
  }

  /** Takes our cancellation back; true when there was no other. */
  #uncancel(): boolean {
    if (this.#state !== 'expiring') return false;
    this.#state = 'expired';
    return (this.#task as Task).uncancel() <= this.#cancelling;
  }
}

/** An error that the body made of our cancellation says that the cause was a deadline. */
function replaceCause(error: unknown, seen = new Set<unknown>()): void {
  if (!(error instanceof Error) || seen.has(error)) return;
  seen.add(error);
  const { cause } = error;
  if (cause instanceof CancelledError) {
    // A frozen error stays as it is.
    Reflect.set(error, 'cause', new TimeoutError('', { cause }));
  } else {
    replaceCause(cause, seen);
  }
  if (error instanceof AggregateError) for (const one of error.errors) replaceCause(one, seen);
}

/** An async function, a generator function, or any other; its result is the whole's. */
export type TimeoutBody<T> = (
  scope: Timeout,
) => CoroutineGenerator<T> | Coroutine<T> | PromiseLike<T> | T;

/**
 * Runs `body(scope)` in the current task for at most `delay` milliseconds: `async with asyncio.timeout(delay)`.
 *
 * @param delay counted from this call; null for no deadline
 * @returns a coroutine of what the body returns, which runs where it is awaited
 * @throws TimeoutError out of the coroutine, RuntimeError when that is not awaited inside a task
 */
export function timeout<T>(delay: number | null, body: TimeoutBody<T>): Coroutine<T> {
  checkTime('delay', delay);
  const when = delay === null ? null : defaultLoop().time() + delay;
  return timeoutAt(when, body);
}

/**
 * timeout() with a deadline: asyncio.timeout_at.
 *
 * @param when in milliseconds of loop.time(); null for no deadline
 * @returns a coroutine, as timeout()
 * @throws TypeError or RangeError; else as timeout()
 */
export function timeoutAt<T>(when: number | null, body: TimeoutBody<T>): Coroutine<T> {
  checkFunction('body', body);
  const scope = new Timeout(when);
  return new Coroutine<T>(scope._run, scope, [body]);
}

// What a warning calls it that was never awaited.
Object.defineProperty(Timeout.prototype._run, 'name', { value: 'timeout' });

function checkTime(argument: string, value: unknown): void {
  if (value !== null) checkNumber(argument, value);
}
