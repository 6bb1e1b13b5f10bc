/**
 * asyncio's Task: a future that drives a coroutine.
 *
 * A task drives an async function, a Coroutine or a generator, in an async context of its own.
 * Cancellation is thrown where the task waits on a uvio future; on a foreign promise it is thrown at
 * the next such wait (at once, for a generator). The loop holds every task until it is done.
 * Invariant: a task has at most one step under way or scheduled.
 */

import { checkBoolean, checkOptions } from '../util/check.js';
import type { AnyFuture, AwaitingTask } from './awaiter.js';
import { type ContextSnapshot, insideTask, outsideTasks, runInTask } from './context.js';
import { Coroutine, type CoroutineGenerator, isGenerator } from './coroutines.js';
import type { Runnable } from './events.js';
import { CancelledError, cancelledError, RuntimeError } from './exceptions.js';
import { Future, type FutureOptions } from './futures.js';
import { GeneratorDriver } from './generator_driver.js';
import type { StackFrame } from './stacks.js';
import { bodyWords, checkBody, type TaskBody } from './task_body.js';
import type { Listed } from './task_list.js';
import {
  type CancelRequest,
  type PrintStackOptions,
  printStackOf,
  type StackOptions,
  stackOf,
  TaskTrace,
} from './task_trace.js';
import { addWait, allWaits, cancelWaits, removeWait, type Waits } from './waits.js';

/** What createTask() takes. */
export interface TaskOptions extends FutureOptions {
  /** `Task-1` and so on by default. */
  name?: string | undefined;
  /** Where it runs: what AsyncLocalStorage.snapshot() returned; by default the caller's context. */
  context?: ContextSnapshot | undefined;
  /** Runs the first step at once, before createTask returns. */
  eagerStart?: boolean | undefined;
}

/** A task group, as its parent sees it. */
interface TaskHolder {
  _awaits(): Iterable<AnyFuture>;
}

const NO_GROUPS: readonly TaskHolder[] = [];
let taskCount = 0;

/** A coroutine under way on its loop: asyncio.Task. */
export class Task<T = unknown> extends Future<T> implements Runnable, AwaitingTask, Listed {
  /** @internal */ _older: Listed | null = null;
  /** @internal */ _newer: Listed | null = null;
  /** Task groups that it is the parent of, for the call graph. @internal */
  _groups: readonly TaskHolder[] = NO_GROUPS;
  readonly #body: TaskBody<T>;
  readonly #driver: GeneratorDriver<T>;
  /** A number until somebody asks for the name. */
  #name: string | number;
  #waits: Waits = null;
  /** A cancellation that has not been thrown yet. */
  #pending: { readonly message: unknown } | null = null;
  #cancelRequests = 0;
  #beingCancelled = false;
  #controller: AbortController | null = null;
  /** Null outside of debug mode. */
  #trace: TaskTrace | null = null;

  /** @throws TypeError when `body` is a promise, which has started already, or nothing to drive */
  constructor(body: TaskBody<T>, options?: TaskOptions) {
    checkOptions(options);
    checkBody(body);
    super(options);
    this.#body = body;
    if (options?.eagerStart !== undefined) checkBoolean('eagerStart', options.eagerStart);
    this.#name = options?.name === undefined ? ++taskCount : String(options.name);
    this.#driver = insideTask(this, options?.context, makeDriver<T>, this);
    this._loop._tasks.add(this);
    if (options?.eagerStart === true) this.run();
    else this._loop._enqueue(this);
  }

  /** `Task-1`, or what it was called. */
  getName(): string {
    if (typeof this.#name === 'number') this.#name = `Task-${this.#name}`;
    return this.#name;
  }

  /** Gives it another name. */
  setName(name: string): void {
    this.#name = String(name);
  }

  /** The function, coroutine or generator that it drives. */
  getCoro(): TaskBody<T> {
    return this.#body;
  }

  /** The async context that it runs in, in the form that `context` takes. */
  getContext(): ContextSnapshot {
    return (callback) => this.#driver.runInAsyncScope(() => outsideTasks(callback));
  }

  /**
   * Where it waits, known in debug mode, or where its exception was thrown; the oldest frame first.
   *
   * @throws TypeError, RangeError
   */
  getStack(options?: StackOptions): StackFrame[] {
    return stackOf(this as Task, this.#trace?.suspendedAt ?? null, options);
  }

  /** Writes getStack(), to standard error by default. */
  printStack(options?: PrintStackOptions): void {
    printStackOf(this as Task, this.getStack(options), options);
  }

  /** Who called cancel() and from where, in debug mode; outside of it nothing. */
  cancelRequests(): CancelRequest[] {
    return this.#trace?.cancelRequests() ?? [];
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
    if (this.done()) return super.cancel();
    if (this._loop.getDebug()) this.#traced().cancelled(message);
    this.#cancelRequests++;
    this.#controller?.abort(cancelledError(message));
    if (this.#beingCancelled) {
      // It waits for itself through other tasks: one of the ring has to end for the others to.
      this._finishCancelled(cancelledError(message));
      return true;
    }
    this.#beingCancelled = true;
    if (!cancelWaits(this.#waits, message)) this.#pending = { message };
    this.#beingCancelled = false;
    return true;
  }

  /** How many cancellations were asked for, less those taken back. */
  cancelling(): number {
    return this.#cancelRequests;
  }

  /** Takes one request back; returns how many remain. */
  uncancel(): number {
    if (this.#cancelRequests > 0 && --this.#cancelRequests === 0) {
      this.#pending = null;
      // Nothing is cancelled any more; who asks for the signal now gets one that says so.
      if (this.#controller?.signal.aborted === true) this.#controller = null;
    }
    return this.#cancelRequests;
  }

  /** Not for tasks: throws a RuntimeError. */
  override setResult(): never {
    throw new RuntimeError('Task does not support setResult operation');
  }

  /** Not for tasks: throws a RuntimeError. */
  override setException(): never {
    throw new RuntimeError('Task does not support setException operation');
  }

  /** The first step, and each later one of a generator. @internal */
  run(): void {
    const driver = this.#driver;
    if (driver.started) {
      runInTask(this, driver, driver.step, driver);
      return;
    }
    const cancellation = this._takeCancellation();
    if (cancellation !== null) {
      if (this.#body instanceof Coroutine) this.#body.close();
      this._finishCancelled(cancellation);
    } else runInTask(this, driver, this.#start, this);
  }

  /** What it waits for now. @internal */
  override *_awaits(): Iterable<AnyFuture> {
    yield* allWaits(this.#waits);
    for (const group of this._groups) yield* group._awaits();
  }

  /** @internal */
  _beginWait(future: AnyFuture): void {
    this.#waits = addWait(this.#waits, future);
    if (this.#pending !== null && future.cancel(this.#pending.message)) this.#pending = null;
  }

  /** It is about to wait, at the top of `stack`. @internal */
  _suspendsAt(stack: Error): void {
    this.#traced().suspendedAt = stack;
  }

  /** @internal */
  _endWait(future: AnyFuture): void {
    if (this.#trace !== null) this.#trace.suspendedAt = null;
    this.#waits = removeWait(this.#waits, future);
  }

  /** @internal */
  _takeCancellation(): CancelledError | null {
    const pending = this.#pending;
    if (pending === null) return null;
    this.#pending = null;
    return cancelledError(pending.message);
  }

  /** The coroutine returned. @internal */
  _finish(result: T): void {
    if (this.done()) return;
    this.#forget();
    // Cancelled right before it ended: as in asyncio, the cancellation wins.
    if (this.#pending !== null) super.cancel(this.#pending.message);
    else super.setResult(result);
  }

  /** The coroutine threw. @internal */
  _finishThrown(error: unknown): void {
    if (this.done()) return;
    const cancellation = this._asCancellation(error);
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

  /** The cancellation that `error` is, also as what Node's functions throw when the signal aborts. @internal */
  _asCancellation(error: unknown): CancelledError | null {
    if (error instanceof CancelledError) return error;
    const signal = this.#controller?.signal;
    if (signal?.aborted !== true || !(error instanceof Error)) return null;
    return error.cause === signal.reason ? (signal.reason as CancelledError) : null;
  }

  protected override _kind(): string {
    return 'Task';
  }

  protected override _describe(): string[] {
    const [state, ...details] = super._describe();
    const word = this.#cancelRequests > 0 && !this.done() ? 'cancelling' : (state as string);
    // Tasks may wait for each other in a ring.
    const waits = [...allWaits(this.#waits)].map((one) =>
      one instanceof Task ? `wait_for=<Task name='${one.getName()}'>` : `wait_for=${one}`,
    );
    return [
      word,
      `name='${this.getName()}'`,
      `coro=<${bodyWords(this, this.#body, this.#trace?.suspendedAt)}>`,
      ...waits,
      ...details,
    ];
  }

  #traced(): TaskTrace {
    this.#trace ??= new TaskTrace();
    return this.#trace;
  }

  #start(): void {
    try {
      let started: unknown = this.#body;
      if (typeof started === 'function') started = started();
      if (started instanceof Coroutine) started = started._start();
      if (isGenerator(started)) {
        this.#driver.start(started as CoroutineGenerator<T>);
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

  #forget(): void {
    this._loop._tasks.remove(this);
    this.#waits = null;
  }
}

function makeDriver<T>(task: Task<T>): GeneratorDriver<T> {
  return new GeneratorDriver(task);
}
