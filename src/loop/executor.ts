/**
 * What the executors have in common: concurrent.futures.Executor, a queue of calls in front of workers.
 *
 * A worker is started when a call finds none idle, runs one call at a time, and stays until the executor is shut down.
 * Invariants: calls start in the order in which they came; a worker whose call is given up is ended, since running
 * JavaScript cannot be stopped otherwise; a worker's end ends one call at most.
 */

import { availableParallelism } from 'node:os';
import { RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import { QueueFull } from '../sync/queue_errors.js';
import { CallSite } from '../util/call_site.js';
import { checkBoolean, checkInteger, checkOptions, typeError } from '../util/check.js';
import { checkJobOptions, codeOf, Job, type JobOptions, type Work } from './executor_call.js';
import type { BrokenExecutor } from './executor_errors.js';
import { ExecutorFuture } from './executor_future.js';
import { type Call, type Outcome, UNCLONEABLE } from './executor_worker.js';

// Half of what a brief call costs would be the taking of ten.
const CALLER_FRAMES = 4;

/** One worker: a thread or a process. */
export interface ExecutorWorker {
  /** Whether it can take a call. */
  readonly isAlive: boolean;
  /** What it ended of before it could run anything. */
  readonly diedOf?: unknown;
  /** Rejects when the call cannot be given to it, or when it ends during the call. */
  run(call: Call, transferList: readonly object[]): Promise<Outcome>;
  /** Ends it at once; the promise is fulfilled when it is gone. */
  end(): Promise<void>;
}

/** What all executors take. */
export interface ExecutorOptions {
  /** How many workers there are at most; by default as many as there are processors. */
  maxWorkers?: number;
  /** How many calls may wait for a worker; by default any number. */
  maxQueue?: number;
}

/** What shutdown() takes. */
export interface ShutdownOptions {
  /** False for a future that is done at once. */
  wait?: boolean;
  /** Cancels the calls that have not started. */
  cancelFutures?: boolean;
}

/** Runs functions elsewhere: concurrent.futures.Executor. */
export abstract class Executor {
  readonly #maxWorkers: number;
  readonly #maxQueue: number;
  readonly #queue = new Set<ExecutorFuture>();
  readonly #running = new Map<ExecutorFuture, ExecutorWorker>();
  readonly #workers = new Set<ExecutorWorker>();
  /** The last one used comes first, so that the others' memory can be paged out. */
  readonly #idle: ExecutorWorker[] = [];
  readonly #leaving = new Set<Promise<void>>();
  #isShutDown = false;
  /** Who waits for the end. */
  #waiting: (() => void)[] = [];

  /** @throws TypeError or RangeError */
  constructor(options?: ExecutorOptions) {
    checkOptions(options);
    const { maxWorkers = availableParallelism(), maxQueue = Number.POSITIVE_INFINITY } =
      options ?? {};
    checkInteger('maxWorkers', maxWorkers, 1, Number.MAX_SAFE_INTEGER);
    if (maxQueue !== Number.POSITIVE_INFINITY) {
      checkInteger('maxQueue', maxQueue, 0, Number.MAX_SAFE_INTEGER);
    }
    this.#maxWorkers = maxWorkers;
    this.#maxQueue = maxQueue;
  }

  /** Where calls run, for stacks and messages. */
  protected abstract readonly _where: string;
  protected abstract readonly _canTransfer: boolean;
  protected abstract _startWorker(): ExecutorWorker;
  protected abstract _broken(message: string, cause: unknown): BrokenExecutor;

  /**
   * Runs `fn(...args)` in a worker: concurrent.futures.Executor.submit.
   *
   * @param fn a function that uses nothing but its arguments and globals, or a module's URL with the name of an export
   *   behind `#`
   * @param args are copied when the call starts, as structuredClone() does
   * @returns a future of the result, copied as well; cancelling it stops the work
   * @throws TypeError or RangeError; RuntimeError after shutdown(), QueueFull when `maxQueue` calls wait
   */
  submit<A extends unknown[], R>(
    fn: Work<A, R>,
    args?: readonly [...A],
    options?: JobOptions,
  ): Future<Awaited<R>> {
    if (args !== undefined && !Array.isArray(args)) throw typeError('args', 'an array', args);
    checkJobOptions(options);
    return this._submit(this.submit, 'submit', defaultLoop(), fn, args ?? [], options);
  }

  /**
   * Lets no more calls in, and ends the workers when those that are there have ended: concurrent.futures'
   * Executor.shutdown.
   *
   * @returns a future that is done when all is over; cancelling it changes nothing about that
   * @throws TypeError
   */
  shutdown(options?: ShutdownOptions): Future<void> {
    checkOptions(options);
    const { wait = true, cancelFutures = false } = options ?? {};
    checkBoolean('wait', wait);
    checkBoolean('cancelFutures', cancelFutures);
    this._shutdown(cancelFutures);
    const ended = new Future<void>({ loop: defaultLoop() });
    const end = () => {
      if (!ended.done()) ended.setResult();
    };
    if (wait) this._whenEnded(end);
    else end();
    return ended;
  }

  /** shutdown(). */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** @internal */
  _submit<R>(
    entry: (...args: never[]) => unknown,
    method: string,
    loop: Scheduler,
    fn: unknown,
    args: readonly unknown[],
    options?: JobOptions,
  ): Future<Awaited<R>> {
    const own = fn instanceof Job ? { ...fn._options, ...options } : (options ?? {});
    const code = codeOf(fn instanceof Job ? fn._work : fn, method);
    const { transferList = [], transferResult = false } = own;
    if (!this._canTransfer && (transferResult || transferList.length > 0)) {
      throw new TypeError(
        'transferList and transferResult are for threads: processes share no memory',
      );
    }
    if (this.#isShutDown) throw new RuntimeError('cannot schedule new futures after shutdown');
    if (this.#isFull()) throw new QueueFull(`maxQueue: ${this.#maxQueue} calls wait already`);
    const call: Call = { ...code, args, transfersResult: transferResult };
    const future = new ExecutorFuture(loop, call, own, (one) => this.#stop(one));
    if (!future.done()) {
      this.#queue.add(future);
      this.#startNext();
    }
    // The worker wakes up meanwhile: this takes as long.
    future._site = new CallSite(entry, CALLER_FRAMES);
    return future as Future<Awaited<R>>;
  }

  /** @internal */
  _shutdown(cancelFutures: boolean): void {
    this.#isShutDown = true;
    if (cancelFutures) for (const future of [...this.#queue]) future.cancel();
    for (const worker of this.#idle.splice(0)) this.#dismiss(worker);
    this.#tellEnd();
  }

  /** Calls `callback` once it has been shut down and all of it has ended. @internal */
  _whenEnded(callback: () => void): void {
    this.#waiting.push(callback);
    this.#tellEnd();
  }

  #isFull(): boolean {
    const isBusy = this.#idle.length === 0 && this.#workers.size >= this.#maxWorkers;
    return isBusy && this.#queue.size >= this.#maxQueue;
  }

  #startNext(): void {
    for (const future of this.#queue) {
      let worker = this.#idleWorker();
      if (worker === null && this.#workers.size >= this.#maxWorkers) return;
      this.#queue.delete(future);
      try {
        worker ??= this._startWorker();
      } catch (error) {
        future._break(error as Error);
        continue;
      }
      this.#workers.add(worker);
      this.#run(future, worker);
    }
  }

  #run(future: ExecutorFuture, worker: ExecutorWorker): void {
    this.#running.set(future, worker);
    worker.run(future._call, future._transferList).then(
      (outcome) => {
        if (this.#running.delete(future)) future._end(outcome, this._where);
        this.#release(worker);
      },
      (error: unknown) => {
        if (this.#running.delete(future)) future._break(this.#failure(future, worker, error));
        this.#release(worker);
      },
    );
  }

  #idleWorker(): ExecutorWorker | null {
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      if (worker.isAlive) return worker;
      this.#dismiss(worker);
    }
    return null;
  }

  /** A call on it is over. */
  #release(worker: ExecutorWorker): void {
    if (!this.#workers.has(worker)) return;
    if (worker.isAlive) this.#idle.push(worker);
    else this.#dismiss(worker);
    this.#startNext();
    if (this.#isShutDown) this._shutdown(false);
  }

  #stop(future: ExecutorFuture): void {
    this.#queue.delete(future);
    const worker = this.#running.get(future);
    if (worker !== undefined) {
      this.#running.delete(future);
      this.#dismiss(worker);
      this.#startNext();
    }
    this.#tellEnd();
  }

  #dismiss(worker: ExecutorWorker): void {
    this.#workers.delete(worker);
    const leaving = worker.end().then(() => {
      this.#leaving.delete(leaving);
      this.#tellEnd();
    });
    this.#leaving.add(leaving);
  }

  #tellEnd(): void {
    const isOver = this.#workers.size + this.#leaving.size + this.#queue.size === 0;
    if (!this.#isShutDown || !isOver) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback();
  }

  #failure(future: ExecutorFuture, worker: ExecutorWorker, error: unknown): Error {
    const { name } = future._call;
    const reason = worker.diedOf ?? error;
    const why = reason instanceof Error ? reason.message : String(reason);
    if (worker.isAlive) return new TypeError(`The arguments of ${name} cannot be copied: ${why}`);
    if ((reason as NodeJS.ErrnoException | null)?.code === UNCLONEABLE) {
      return new TypeError(why);
    }
    return this._broken(`A ${this._where} ended while it ran ${name}: ${why}`, reason);
  }
}
