/**
 * The event loop: asyncio's AbstractEventLoop on a native libuv loop.
 *
 * Joins the scheduler (core), the reactor (io) and the native loop. Loops do not block: a loop turns
 * whenever it has work, and runForever() and runUntilComplete() are promises of when to go on.
 * Invariant: after close() nothing of the loop runs any more and its handles are gone.
 */

import { inspect } from 'node:util';
import type { AbortOptions } from '../core/abort.js';
import { checkThreshold } from '../core/debug.js';
import { ensureFuture } from '../core/ensure_future.js';
import { InvalidStateError, RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { reportLeftovers } from '../core/leftovers.js';
import { setLoopFactory } from '../core/running.js';
import type { TurnSource } from '../core/scheduler.js';
import type { TaskBody } from '../core/task_body.js';
import { createTask, type TaskFactory } from '../core/task_factory.js';
import type { Task, TaskOptions } from '../core/tasks.js';
import { Reactor } from '../io/reactor.js';
import { checkBoolean, checkFunction, checkOptions } from '../util/check.js';
import { closeAsyncgens } from './asyncgens.js';
import { AttachedLoop, refuseOthers } from './attached_loop.js';
import type { LoopRef } from './loop_ref.js';
import { type LoopMetrics, type MetricsOptions, MetricsPublisher, metricsOf } from './metrics.js';
import { loopChanged, loopClosed, loopOpened, requireObserver } from './observation.js';
import { ThreadsafeLoop } from './threadsafe_loop.js';
import { unwatchLoop, warnOfTransports } from './unclosed.js';

/** asyncio's event loop, on a libuv loop of its own. */
export class EventLoop extends ThreadsafeLoop {
  /** @internal */ override readonly _reactor: Reactor;
  protected override readonly _turns: TurnSource;
  #running: PromiseWithResolvers | null = null;
  #stopping = false;
  readonly #publisher = new MetricsPublisher();
  /** As set by setWatchdog(); undefined: debug mode decides. */
  #watchdog: number | null | undefined;

  /** A loop of this thread; see newEventLoop(). */
  constructor() {
    super();
    this._reactor = new Reactor(this);
    this._turns = this._reactor.wrap;
    this._setClock(() => this._reactor.wrap.now());
    loopOpened(this);
  }

  /**
   * The loop of another thread, to be called from this one.
   *
   * @param ref that loop's `ref`
   * @param options `signal` cancels what runCoroutineThreadsafe() of this object has begun
   * @throws TypeError, or RuntimeError when the loop is closed
   */
  static attach(ref: LoopRef, options?: AbortOptions): AttachedLoop {
    refuseOthers(EventLoop);
    return new AttachedLoop(ref, options);
  }

  /** A future of this loop. */
  createFuture<T = unknown>(): Future<T> {
    return new Future<T>({ loop: this });
  }

  /** A task of this loop: createTask(). */
  createTask<T>(coro: TaskBody<T>, options?: Omit<TaskOptions, 'loop'>): Task<T> {
    this._checkClosed();
    checkOptions(options);
    return createTask(coro, { ...options, loop: this });
  }

  /**
   * Sets what makes the loop's tasks: `factory(loop, coro, options)`; null for Task itself.
   *
   * @throws TypeError
   */
  setTaskFactory(factory: TaskFactory | null): void {
    if (factory !== null) checkFunction('factory', factory);
    this._taskFactory = factory;
  }

  /** What setTaskFactory() was given, or `null`. */
  getTaskFactory(): TaskFactory | null {
    return this._taskFactory;
  }

  /** Whether runForever() or runUntilComplete() is under way. */
  override isRunning(): boolean {
    return this.#running !== null;
  }

  /** Runs until stop(): resolves when the batch in which stop() was called is over. asyncio's run_forever. */
  runForever(): Promise<void> {
    try {
      this._checkClosed();
      if (this.#running !== null) throw new RuntimeError('This event loop is already running');
    } catch (error) {
      return Promise.reject(error);
    }
    const running = withResolvers();
    this.#running = running;
    this._runningChanged();
    if (this.#stopping) this.#finishRun();
    return running.promise;
  }

  /**
   * Runs until `awaitable` is done, and gives its result: asyncio's run_until_complete.
   *
   * Rejects with RuntimeError when the loop is stopped before.
   */
  async runUntilComplete<T>(awaitable: PromiseLike<T> | TaskBody<T>): Promise<T> {
    this._checkClosed();
    if (this.#running !== null) throw new RuntimeError('This event loop is already running');
    const future: Future<T> =
      typeof awaitable === 'function'
        ? this.createTask(awaitable)
        : ensureFuture(awaitable, { loop: this });
    const stop = () => this.stop();
    future.addDoneCallback(stop);
    try {
      await this.runForever();
    } finally {
      future.removeDoneCallback(stop);
    }
    try {
      return future.result();
    } catch (error) {
      if (!(error instanceof InvalidStateError) || future.done()) throw error;
      throw new RuntimeError('Event loop stopped before Future completed.');
    }
  }

  /** Ends runForever() once the current batch is over; what it left scheduled still runs. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#running !== null) this.#finishRun();
  }

  /**
   * Closes every async generator of a `coroutine(async function* …)` that has begun on this loop and
   * has not ended: asyncio's shutdown_asyncgens. What their finally blocks throw is reported.
   *
   * @returns a task that is done when all are closed
   * @throws RuntimeError when the loop is closed
   */
  shutdownAsyncgens(): Task<void> {
    return this.createTask(() => closeAsyncgens(this));
  }

  /**
   * Closes the loop: drops what is scheduled, closes every socket without further callbacks.
   * Closing again does nothing.
   *
   * @throws RuntimeError while the loop is running
   */
  close(): void {
    if (this.isClosed()) return;
    if (this.#running !== null) {
      throw new RuntimeError('Cannot close a running event loop');
    }
    this._logLife('debug', () => `Close ${this}`);
    if (this._debug?.unclosed === true) warnOfTransports(this);
    reportLeftovers(this);
    loopClosed(this);
    unwatchLoop(this);
    this.#publisher.stop();
    this._closeExecutor();
    this._closeScheduler();
    this._reactor.wrap.close();
    for (const dependent of [...this._dependents]) dependent.loopClosed();
  }

  /**
   * What the loop has done and what it has to do, as plain data; undefined once closed.
   *
   * @throws TypeError
   */
  metrics(options?: MetricsOptions): LoopMetrics | undefined {
    checkOptions(options);
    const { reset = false } = options ?? {};
    checkBoolean('reset', reset);
    return this.isClosed() ? undefined : metricsOf(this, reset);
  }

  /**
   * Publishes metrics() every `interval` milliseconds on the diagnostics channel `uvio.metrics`, while that has
   * subscribers; null for no more. It does not keep the process alive.
   *
   * @throws TypeError or RangeError, or RuntimeError when the loop is closed
   */
  publishMetrics(interval: number | null): void {
    this._checkClosed();
    this.#publisher.start(this, interval);
  }

  /**
   * Reports a callback that runs longer than `threshold` milliseconds while it runs, with the stack of
   * the main thread, and how long it took when it is over. A thread beside this one does, which is
   * started for it. Debug mode has a watchdog of a second, unless this has been called.
   *
   * @param threshold from 1 on, fractions allowed; null for no watchdog, in debug mode either
   * @throws TypeError, RangeError, RuntimeError when the loop is closed, or an Error when no thread can be
   *   started: then nothing has changed
   */
  setWatchdog(threshold: number | null): void {
    this._checkClosed();
    if (threshold !== null) checkThreshold('threshold', threshold);
    const observer = requireObserver();
    const before = this.#watchdog;
    this.#watchdog = threshold;
    try {
      observer.watch(this);
    } catch (error) {
      this.#watchdog = before;
      throw error;
    }
  }

  /** The threshold that holds. @internal */
  get _watchdog(): number | null {
    return this.#watchdog === undefined ? (this._debug?.watchdog ?? null) : this.#watchdog;
  }

  /** close(). */
  [Symbol.dispose](): void {
    this.close();
  }

  override toString(): string {
    return `<EventLoop running=${this.isRunning()} closed=${this.isClosed()} debug=${this.getDebug()}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  protected override _debugChanged(): void {
    loopChanged(this);
  }

  #finishRun(): void {
    // Behind everything that is ready now, so that the batch is whole.
    this._enqueue({
      run: () => {
        const running = this.#running;
        this.#running = null;
        this.#stopping = false;
        this._runningChanged();
        running?.resolve();
      },
      _ranFor: () => this,
    });
  }
}

interface PromiseWithResolvers {
  promise: Promise<void>;
  resolve: () => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((accept) => {
    resolve = accept;
  });
  return { promise, resolve };
}

setLoopFactory(() => new EventLoop());
