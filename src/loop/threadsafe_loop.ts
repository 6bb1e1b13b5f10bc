/**
 * What a loop is to other threads: what they may call, and the value by which they find it.
 *
 * Answers to asyncio's call_soon_threadsafe; mailbox, incoming and outgoing beside this file do the work.
 * Invariant: a loop that has nothing to do with other threads has no mailbox.
 */

import * as workerThreads from 'node:worker_threads';
import type { Handle } from '../core/events.js';
import { RuntimeError } from '../core/exceptions.js';
import { checkFunction, typeError } from '../util/check.js';
import { ExecutorLoop } from './executor_loop.js';
import type { ExposedFunction } from './incoming.js';
import type { LoopRef } from './loop_ref.js';
import { Mailbox } from './mailbox.js';

/** What an EventLoop is to other threads: what every method that takes a loop for them accepts. */
export abstract class ThreadsafeLoop extends ExecutorLoop {
  readonly #exposed = new Map<string, ExposedFunction>();
  #ownMailbox: Mailbox | null = null;

  /**
   * What other threads find this loop by: a plain value for postMessage() or workerData, and there for EventLoop.attach().
   *
   * @throws RuntimeError when the loop is closed
   */
  get ref(): LoopRef {
    this._checkClosed();
    const { threadId } = workerThreads;
    return { uvioLoop: this._mailbox.address, threadId, pid: process.pid };
  }

  /**
   * Lets other threads call functions of this one, by name: `expose('name', fn)` or `expose({ name: fn })`. A name that was
   * exposed already gets the new function. While something is exposed and the loop is run (run(), runForever(),
   * runUntilComplete()) it keeps its thread alive.
   *
   * @throws TypeError, or RuntimeError when the loop is closed
   */
  expose(name: string, fn: ExposedFunction): void;
  expose(functions: Readonly<Record<string, ExposedFunction>>): void;
  expose(names: string | Readonly<Record<string, ExposedFunction>>, fn?: ExposedFunction): void {
    this._checkClosed();
    for (const [name, each] of entriesOf(names, fn)) this.#exposed.set(name, each);
    this.#updateServing();
  }

  /**
   * Takes a name back.
   *
   * @returns whether it was exposed
   */
  unexpose(name: string): boolean {
    const wasExposed = this.#exposed.delete(name);
    this.#updateServing();
    return wasExposed;
  }

  /**
   * Calls `callback(...args)` in the next batch: asyncio's call_soon_threadsafe. In the loop's own thread, where alone a
   * function can be, that is callSoon(); from another one see AttachedLoop.
   *
   * @throws TypeError, or RuntimeError when the loop is closed
   */
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle {
    return this.callSoon(callback, ...args);
  }

  /** @throws RuntimeError when there is none of that name @internal */
  _exposedFunction(name: string): ExposedFunction {
    const fn = this.#exposed.get(name);
    if (fn !== undefined) return fn;
    const names = [...this.#exposed.keys()].map((each) => `'${each}'`).join(', ');
    throw new RuntimeError(`the event loop exposes no '${name}'; it exposes ${names || 'nothing'}`);
  }

  /** Made on first use. @internal */
  get _mailbox(): Mailbox {
    if (this.#ownMailbox === null) {
      this._checkClosed();
      this.#ownMailbox = new Mailbox(this);
      this.#updateServing();
    }
    return this.#ownMailbox;
  }

  /** Somebody runs the loop from now on, or nobody. */
  protected _runningChanged(): void {
    this.#updateServing();
  }

  /** Whether somebody runs the loop: run(), runForever() or runUntilComplete() has begun and not ended. */
  abstract isRunning(): boolean;

  #updateServing(): void {
    this.#ownMailbox?.setServing(this.isRunning() && this.#exposed.size > 0);
  }
}

function entriesOf(names: unknown, fn: unknown): [string, ExposedFunction][] {
  if (typeof names === 'string') {
    checkFunction('fn', fn);
    return [[names, fn as ExposedFunction]];
  }
  if (typeof names !== 'object' || names === null) {
    throw typeError('name', 'a string, or an object of functions', names);
  }
  const entries = Object.entries(names);
  for (const [name, each] of entries) checkFunction(name, each);
  return entries;
}
