/**
 * run() and Runner: asyncio.run and asyncio.Runner. A loop of its own for one main function, or several.
 *
 * Order at the end, as in asyncio: the tasks that are left are cancelled and awaited, what they threw is
 * reported, async generators are closed, the default executor is shut down, the loop is closed.
 * Invariant: whatever fails on the way, a runner that was closed leaves no loop open.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import * as workerThreads from 'node:worker_threads';
import { allTasks } from '../core/all_tasks.js';
import { type ContextSnapshot, outsideTasks } from '../core/context.js';
import { Coroutine, isCoroutine } from '../core/coroutines.js';
import { RuntimeError } from '../core/exceptions.js';
import { type Future, isFuture } from '../core/futures.js';
import { runningLoop } from '../core/running.js';
import type { TaskBody } from '../core/task_body.js';
import { newEventLoop, setEventLoop } from '../loop/current.js';
import { EventLoop } from '../loop/event_loop.js';
import { gather } from '../sync/gathering.js';
import { checkBoolean, checkFunction, checkOptions, typeError } from '../util/check.js';
import { Interrupts } from './interrupts.js';

// asyncio's.
const THREAD_JOIN_TIMEOUT = 300_000; // ms

/** What run() takes. */
export interface RunOptions {
  /** Debug mode; by default what UVIO_DEBUG or PYTHONASYNCIODEBUG says. */
  debug?: boolean;
  /** Makes the loop; one made so does not become the thread's default one. */
  loopFactory?: () => EventLoop;
  /** False to leave SIGINT and SIGTERM alone, as in worker threads. */
  signals?: boolean;
}

/** What Runner.run() takes. */
export interface RunnerRunOptions {
  /** Where main runs: what AsyncLocalStorage.snapshot() returned; by default the runner's context. */
  context?: ContextSnapshot;
}

/**
 * Runs several main functions, one after another, on one loop: asyncio.Runner.
 *
 * `await using runner = new Runner()` closes it at the block's end. All runs share a context, that in which
 * the loop was made: what an earlier main function has set there (`AsyncLocalStorage.enterWith`) before its
 * first await, later ones see.
 */
export class Runner {
  readonly #options: RunOptions;
  readonly #interrupts = new Interrupts();
  #loop: EventLoop | null = null;
  #context: ContextSnapshot | undefined;
  #closing: Promise<void> | null = null;

  /** @throws TypeError for a wrong option */
  constructor(options?: RunOptions) {
    checkOptions(options);
    if (options?.debug !== undefined) checkBoolean('debug', options.debug);
    if (options?.signals !== undefined) checkBoolean('signals', options.signals);
    if (options?.loopFactory !== undefined) checkFunction('loopFactory', options.loopFactory);
    this.#options = { ...options };
  }

  /**
   * The loop, made on first use.
   *
   * @throws RuntimeError when the runner is closed
   */
  getLoop(): EventLoop {
    if (this.#closing !== null) throw new RuntimeError('Runner is closed');
    this.#loop ??= this.#makeLoop();
    return this.#loop;
  }

  /**
   * Runs `coro` as a task on the runner's loop. The first SIGINT or SIGTERM cancels it.
   *
   * @param coro an async or generator function, a coroutine, a generator, or a future of this loop
   * @returns a promise of what it returns; rejects with KeyboardInterrupt after Ctrl-C, with RuntimeError
   *   inside a running loop or when the runner is closed, with TypeError for anything else than a `coro`
   */
  async run<T>(coro: TaskBody<T> | Future<T>, options?: RunnerRunOptions): Promise<T> {
    checkOptions(options);
    if (runningLoop() !== null) {
      throw new RuntimeError('Runner.run() cannot be called from a running event loop');
    }
    const loop = this.getLoop();
    if (loop.isRunning()) throw new RuntimeError('This event loop is already running');
    const body = taskBody(coro);
    const task =
      options?.context === undefined
        ? loop.createTask(this.#keepingContext(body), { context: this.#context })
        : loop.createTask(body, { context: options.context });
    const running = () => loop.runUntilComplete(task);
    const takesSignals = this.#options.signals !== false && workerThreads.isMainThread;
    return takesSignals ? await this.#interrupts.watch(task, running) : await running();
  }

  /**
   * Cancels the tasks that are left and waits for them, closes async generators, waits for the threads of the default
   * executor, and closes the loop.
   * Closing again does nothing; a runner that has made no loop stays usable.
   *
   * @returns a promise; rejects with RuntimeError while the loop runs
   */
  async close(): Promise<void> {
    if (this.#closing !== null) {
      await this.#closing.catch(() => {}); // the first call tells what went wrong
    } else if (this.#loop !== null) {
      if (this.#loop.isRunning()) throw new RuntimeError('Cannot close a running event loop');
      this.#closing = this.#close(this.#loop);
      await this.#closing;
    }
  }

  /** close(). */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #makeLoop(): EventLoop {
    const { debug, loopFactory } = this.#options;
    const loop = (loopFactory ?? newEventLoop)();
    if (!(loop instanceof EventLoop)) throw typeError('loopFactory', 'a maker of EventLoops', loop);
    if (debug !== undefined) loop.setDebug(debug);
    if (loopFactory === undefined) setEventLoop(loop);
    this.#context = snapshot();
    return loop;
  }

  /** `body`, which leaves the context behind its call to the next run. */
  #keepingContext<T>(body: TaskBody<T>): TaskBody<T> {
    const keeping = () => {
      let started: unknown = typeof body === 'function' ? body() : body;
      if (started instanceof Coroutine) started = started._start();
      this.#context = snapshot();
      return started as T;
    };
    if ('name' in body) Object.defineProperty(keeping, 'name', { value: body.name });
    return keeping;
  }

  async #close(loop: EventLoop): Promise<void> {
    try {
      await cancelAllTasks(loop);
      await loop.runUntilComplete(loop.shutdownAsyncgens());
      await loop.runUntilComplete(loop.shutdownDefaultExecutor(THREAD_JOIN_TIMEOUT));
    } finally {
      if (this.#options.loopFactory === undefined) setEventLoop(null);
      this.#loop = null;
      loop.close();
      await this.#interrupts.close();
    }
  }
}

/**
 * Runs `main` as a task on a new loop, and closes the loop when everything has ended: asyncio.run.
 *
 * @param main an async or generator function, a coroutine, or a generator
 * @returns a promise of what main returns; rejects with KeyboardInterrupt after Ctrl-C, with RuntimeError
 *   inside a running loop, with TypeError for anything that is no main function
 */
export async function run<T>(main: TaskBody<T>, options?: RunOptions): Promise<T> {
  const runner = new Runner(options);
  if (runningLoop() !== null) {
    throw new RuntimeError('run() cannot be called from a running event loop');
  }
  try {
    // There is no later run to keep the context for.
    return await runner.run(main, { context: snapshot() });
  } finally {
    await runner.close();
  }
}

/** The context of the caller, less the task that it may be. */
function snapshot(): ContextSnapshot {
  return outsideTasks(() => AsyncLocalStorage.snapshot());
}

function taskBody<T>(coro: TaskBody<T> | Future<T>): TaskBody<T> {
  if (isFuture(coro)) return () => coro as Future<T>;
  if (typeof coro === 'function' || isCoroutine(coro)) return coro as TaskBody<T>;
  throw typeError(
    'coro',
    'a function, a coroutine, a generator or a future (a promise has started already: pass () => …)',
    coro,
  );
}

async function cancelAllTasks(loop: EventLoop): Promise<void> {
  const tasks = [...allTasks(loop)];
  if (tasks.length === 0) return;
  for (const task of tasks) task.cancel();
  await loop.runUntilComplete(gather(tasks, { returnExceptions: true }));
  for (const task of tasks) {
    if (task.cancelled()) continue;
    const exception = task.exception();
    if (exception === null) continue;
    loop.callExceptionHandler({
      message: 'unhandled exception during asyncio.run() shutdown',
      exception,
      task,
    });
  }
}
