/**
 * Blocking and heavy work beside a loop: asyncio's run_in_executor and the default executor.
 *
 * The default executor is a ThreadPoolExecutor that is made on first use and belongs to the loop, which shuts it down
 * when it closes.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { checkDuration, typeError } from '../util/check.js';
import { Executor } from './executor.js';
import type { JobFunction, Work } from './executor_call.js';
import { ProcessLoop } from './process_loop.js';
import { ThreadPoolExecutor } from './thread_pool_executor.js';

// What setTimeout() can wait.
const LONGEST_TIMER = 0x7fffffff; // ms

export abstract class ExecutorLoop extends ProcessLoop {
  #defaultExecutor: ThreadPoolExecutor | null = null;
  #executorShutdownCalled = false;

  /**
   * Runs `fn(...args)` in a worker of `executor`: asyncio's run_in_executor. See Executor.submit() for what a function
   * may be, and job() for a `timeout`, a `signal` and what is transferred.
   *
   * @param executor null for the loop's default one, of threads
   * @returns a future of the result; cancelling it stops the work
   * @throws TypeError, QueueFull, or RuntimeError when the loop is closed or the executor is shut down
   */
  runInExecutor<A extends unknown[], R>(
    executor: Executor | null,
    fn: Work<A, R>,
    ...args: A
  ): Future<Awaited<R>> {
    return this._runInExecutor(this.runInExecutor, executor, fn as JobFunction<A, R>, args);
  }

  /**
   * What runInExecutor(null, …) uses from now on: asyncio's set_default_executor.
   *
   * @throws TypeError for anything but a ThreadPoolExecutor
   */
  setDefaultExecutor(executor: ThreadPoolExecutor): void {
    if (!(executor instanceof ThreadPoolExecutor)) {
      throw new TypeError('executor must be ThreadPoolExecutor instance');
    }
    this.#defaultExecutor = executor;
  }

  /**
   * Lets no more calls into the default executor and waits for those that are there: asyncio's
   * shutdown_default_executor. run() does so at its end.
   *
   * @param timeout in milliseconds of the real clock, since threads follow no other; after that it warns, and they go on
   *   by themselves. null waits for ever
   * @throws TypeError or RangeError
   */
  shutdownDefaultExecutor(timeout: number | null = null, options?: AbortOptions): Future<void> {
    if (timeout !== null) checkDuration('timeout', timeout);
    checkAbortOptions(options);
    this._checkClosed();
    const ended = new Future<void>({ loop: this });
    const executor = this.#defaultExecutor;
    this.#executorShutdownCalled = true;
    if (executor === null) {
      ended.setResult();
      return ended;
    }
    const end = () => {
      clearTimeout(timer);
      if (!ended.done()) ended.setResult();
    };
    const expire = () => {
      if (ended.done() || this.isClosed()) return;
      const seconds = (timeout as number) / 1000;
      process.emitWarning(
        `The executor did not finishing joining its threads within ${seconds} seconds.`,
        'RuntimeWarning',
      );
      end();
    };
    const isLimited = timeout !== null && timeout <= LONGEST_TIMER;
    const timer = isLimited ? setTimeout(expire, timeout) : undefined;
    executor._shutdown(false);
    executor._whenEnded(end);
    return cancelOnAbort(ended, options);
  }

  /** @param entry the public function, for stacks. @internal */
  _runInExecutor<R>(
    entry: (...args: never[]) => unknown,
    executor: Executor | null,
    fn: unknown,
    args: readonly unknown[],
  ): Future<Awaited<R>> {
    this._checkClosed();
    if (executor !== null && !(executor instanceof Executor)) {
      throw typeError('executor', 'an Executor or null', executor);
    }
    if (executor === null && this.#executorShutdownCalled) {
      throw new RuntimeError('Executor shutdown has been called');
    }
    const chosen = executor ?? this.#defaultExecutor ?? new ThreadPoolExecutor();
    if (executor === null) this.#defaultExecutor = chosen as ThreadPoolExecutor;
    return chosen._submit(entry, entry.name, this, fn, args);
  }

  /** The loop closes: what runs goes on by itself, and nobody hears of its end. */
  protected _closeExecutor(): void {
    this.#executorShutdownCalled = true;
    this.#defaultExecutor?._shutdown(false);
    this.#defaultExecutor = null;
  }
}
