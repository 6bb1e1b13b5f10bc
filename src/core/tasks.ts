/**
 * asyncio's Task: a future that drives a coroutine.
 *
 * A task drives an async function, a Coroutine or a generator, in an async context of its own.
 * Cancellation is thrown where the task waits on a uvio future; on a foreign promise it is thrown at
 * the next such wait (at once, for a generator). The loop holds every task until it is done.
 * Invariant: a task has at most one step under way or scheduled.
 */

import type { AsyncResource } from 'node:async_hooks';
import { checkBoolean, checkOptions, typeError } from '../util/check.js';
import type { AnyFuture, AwaitingTask } from './awaiter.js';
import { type ContextSnapshot, runInTask, runningTask, taskScope } from './context.js';
import { Coroutine, type CoroutineGenerator, isGenerator } from './coroutines.js';
import type { Runnable } from './events.js';
import { CancelledError, cancelledError, RuntimeError } from './exceptions.js';
import { checkLoop, Future, type FutureOptions } from './futures.js';
import { GeneratorDriver } from './generator_driver.js';
import { defaultLoop, runningLoop } from './running.js';
import type { Scheduler } from './scheduler.js';

/** What a task can drive. A function is called, with no arguments, at the task's first step. */
export type TaskBody<T> =
  | (() => T | PromiseLike<T> | CoroutineGenerator<T>)
  | Coroutine<T>
  | CoroutineGenerator<T>;

export interface TaskOptions extends FutureOptions {
  name?: string | undefined;
  /** Where it runs: what AsyncLocalStorage.snapshot() returned; by default the caller's context. */
  context?: ContextSnapshot | undefined;
  /** Runs the first step at once, before createTask returns. */
  eagerStart?: boolean | undefined;
}

let taskCount = 0;
const tasksOfLoop = new WeakMap<object, Set<Task>>();

function tasksOf(loop: object): Set<Task> {
  let tasks = tasksOfLoop.get(loop);
  if (tasks === undefined) {
    tasks = new Set();
    tasksOfLoop.set(loop, tasks);
  }
  return tasks;
}

export class Task<T = unknown> extends Future<T> implements Runnable, AwaitingTask {
  readonly #body: TaskBody<T>;
  readonly #scope: AsyncResource;
  #name: string;
  #driver: GeneratorDriver<T> | null = null;
  #waitsOn: AnyFuture | Set<AnyFuture> | null = null;
  #mustCancel = false;
  #cancellation: unknown = undefined;
  #cancelRequests = 0;
  #controller: AbortController | null = null;

  /** @throws TypeError when `body` is a promise, which has started already, or nothing to drive */
  constructor(body: TaskBody<T>, options?: TaskOptions) {
    checkOptions(options);
    if (typeof body !== 'function' && !(body instanceof Coroutine) && !isGenerator(body)) {
      throw typeError(
        'coro',
        'a function, a coroutine or a generator (a promise has started already: pass () => …)',
        body,
      );
    }
    super(options);
    this.#body = body;
    if (options?.eagerStart !== undefined) checkBoolean('eagerStart', options.eagerStart);
    this.#name = options?.name === undefined ? `Task-${++taskCount}` : String(options.name);
    this.#scope = taskScope(this, options?.context);
    tasksOf(this._loop).add(this as unknown as Task);
    if (options?.eagerStart === true) this.run();
    else this._loop._enqueue(this);
  }

  getName(): string {
    return this.#name;
  }

  setName(name: string): void {
    this.#name = String(name);
  }

  getCoro(): TaskBody<T> {
    return this.#body;
  }

  /** Aborted as soon as the task is cancelled: for fetch and other takers of a signal. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#cancelRequests > 0) this.#controller.abort(cancelledError());
    }
    return this.#controller.signal;
  }

  /** Asks the task to end: CancelledError is thrown into it. False when it is done already. */
  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    this.#cancelRequests++;
    this.#controller?.abort(cancelledError(message));
    if (this.#cancelWaits(message)) return true;
    this.#mustCancel = true;
    this.#cancellation = message;
    this.#driver?.interrupt();
    return true;
  }

  /** How many cancellations were asked for, less those taken back. */
  cancelling(): number {
    return this.#cancelRequests;
  }

  /** Takes one request back; returns how many remain. */
  uncancel(): number {
    if (this.#cancelRequests > 0) {
      this.#cancelRequests--;
      if (this.#cancelRequests === 0) this.#mustCancel = false;
    }
    return this.#cancelRequests;
  }

  override setResult(): never {
    throw new RuntimeError('Task does not support setResult operation');
  }

  override setException(): never {
    throw new RuntimeError('Task does not support setException operation');
  }

  /** The first step, and each later one of a generator. @internal */
  run(): void {
    if (this.done()) return;
    if (this.#driver !== null) {
      runInTask(this.#scope, this.#driver.step, this.#driver);
      return;
    }
    const cancellation = this._takeCancellation();
    if (cancellation !== null) this._finishCancelled(cancellation);
    else runInTask(this.#scope, this.#start, this);
  }

  /** @internal */
  _beginWait(future: AnyFuture): void {
    if (this.#waitsOn === null) this.#waitsOn = future;
    else if (this.#waitsOn instanceof Set) this.#waitsOn.add(future);
    else if (this.#waitsOn !== future) this.#waitsOn = new Set([this.#waitsOn, future]);
    if (this.#mustCancel && future.cancel(this.#cancellation)) this.#mustCancel = false;
  }

  /** @internal */
  _endWait(future: AnyFuture): void {
    if (this.#waitsOn instanceof Set) this.#waitsOn.delete(future);
    else if (this.#waitsOn === future) this.#waitsOn = null;
  }

  /** @internal */
  _takeCancellation(): CancelledError | null {
    if (!this.#mustCancel) return null;
    this.#mustCancel = false;
    return cancelledError(this.#cancellation);
  }

  /** The coroutine returned. @internal */
  _finish(result: T): void {
    if (this.done()) return;
    this.#forget();
    // Cancelled right before it ended: as in asyncio, the cancellation wins.
    if (this.#mustCancel) super.cancel(this.#cancellation);
    else super.setResult(result);
  }

  /** The coroutine threw. @internal */
  _finishThrown(error: unknown): void {
    if (this.done()) return;
    const cancellation = this.#asCancellation(error);
    if (cancellation !== null) {
      this._finishCancelled(cancellation);
      return;
    }
    this.#forget();
    super._fail(error);
  }

  /** @internal */
  _finishCancelled(error: CancelledError): void {
    this.#forget();
    super.cancel(error.message === '' ? undefined : error.message);
  }

  protected override _kind(): string {
    return 'Task';
  }

  protected override _describe(): string {
    return `${super._describe()} name='${this.#name}' coro=<${bodyName(this.#body)}>`;
  }

  /** What Node's functions throw when this task's signal aborts is the cancellation in disguise. */
  #asCancellation(error: unknown): CancelledError | null {
    if (error instanceof CancelledError) return error;
    const signal = this.#controller?.signal;
    if (signal?.aborted !== true || !(error instanceof Error)) return null;
    return error.cause === signal.reason ? (signal.reason as CancelledError) : null;
  }

  #start(): void {
    try {
      let started: unknown = this.#body;
      if (typeof started === 'function') started = started();
      if (started instanceof Coroutine) started = started._start();
      if (isGenerator(started)) {
        this.#driver = new GeneratorDriver(this, started as CoroutineGenerator<T>);
        this.#driver.step();
      } else if (typeof (started as PromiseLike<T> | null | undefined)?.then === 'function') {
        this._loop._drainRequested = true;
        (started as PromiseLike<T>).then(
          (result) => this._finish(result),
          (error) => this._finishThrown(error),
        );
      } else {
        this._finish(started as T);
      }
    } catch (error) {
      this._finishThrown(error);
    }
  }

  #cancelWaits(message: unknown): boolean {
    const waitsOn = this.#waitsOn;
    if (waitsOn === null) return false;
    if (!(waitsOn instanceof Set)) return waitsOn.cancel(message);
    let cancelled = false;
    for (const future of new Set([...waitsOn].map((one) => one._root)))
      cancelled = future.cancel(message) || cancelled;
    return cancelled;
  }

  #forget(): void {
    tasksOf(this._loop).delete(this as unknown as Task);
    this.#waitsOn = null;
  }
}

function bodyName(body: unknown): string {
  if (body instanceof Coroutine) return `${body.name}()`;
  if (typeof body === 'function') return `${body.name === '' ? '<anonymous>' : body.name}()`;
  return 'generator';
}

/**
 * Schedules `coro` as a task of the running loop (or the thread's): asyncio.create_task.
 *
 * @throws TypeError when `coro` is nothing that a task can drive
 */
export function createTask<T>(coro: TaskBody<T>, options?: TaskOptions): Task<T> {
  return new Task(coro, options);
}

/** The task whose code is running, or null: asyncio.current_task. */
export function currentTask(loop?: Scheduler): Task | null {
  checkLoop(loop);
  const task = runningTask() as Task | null;
  return task !== null && (loop === undefined || task._loop === loop) ? task : null;
}

/** The tasks of `loop` (by default the running one) that are not done: asyncio.all_tasks. */
export function allTasks(loop?: Scheduler): Set<Task> {
  checkLoop(loop);
  const owner = loop ?? runningLoop() ?? defaultLoop();
  return new Set(tasksOf(owner));
}
