/**
 * run(): asyncio.run. A loop of its own for one main function, with Ctrl-C.
 *
 * Order at the end, as in asyncio: the tasks that are left are cancelled and awaited, what they threw
 * is reported, the loop is closed. The first SIGINT cancels the main task, a second one interrupts at
 * once, by the signal's default action.
 */

import { isMainThread } from 'node:worker_threads';
import { allTasks } from '../core/all_tasks.js';
import type { AnyFuture } from '../core/awaiter.js';
import { CancelledError, KeyboardInterrupt, RuntimeError } from '../core/exceptions.js';
import { runningLoop } from '../core/running.js';
import type { TaskBody } from '../core/task_body.js';
import type { Task } from '../core/tasks.js';
import { newEventLoop, setEventLoop } from '../loop/current.js';
import { EventLoop } from '../loop/event_loop.js';
import { gather } from '../sync/gathering.js';
import { checkBoolean, checkFunction, checkOptions, typeError } from '../util/check.js';

export interface RunOptions {
  /** Debug mode; by default what UVIO_DEBUG or PYTHONASYNCIODEBUG says. */
  debug?: boolean;
  /** Makes the loop. */
  loopFactory?: () => EventLoop;
  /** False to leave SIGINT alone. */
  signals?: boolean;
}

/**
 * Runs `main` as a task on a new loop, and closes the loop when everything has ended.
 *
 * @param main an async or generator function, a coroutine, or a generator
 * @returns a promise of what main returns; rejects with KeyboardInterrupt after Ctrl-C
 * @throws RuntimeError inside a running loop, TypeError for anything that is no main function
 */
export async function run<T>(main: TaskBody<T>, options?: RunOptions): Promise<T> {
  checkOptions(options);
  if (options?.debug !== undefined) checkBoolean('debug', options.debug);
  if (options?.signals !== undefined) checkBoolean('signals', options.signals);
  if (options?.loopFactory !== undefined) checkFunction('loopFactory', options.loopFactory);
  if (runningLoop() !== null) {
    throw new RuntimeError('run() cannot be called from a running event loop');
  }
  const loop = (options?.loopFactory ?? newEventLoop)();
  if (!(loop instanceof EventLoop)) throw typeError('loopFactory', 'a maker of EventLoops', loop);
  try {
    loop.setDebug(options?.debug ?? debugFromEnvironment());
    setEventLoop(loop);
    const task = loop.createTask(main);
    return await runMain(loop, task, options?.signals ?? isMainThread);
  } finally {
    setEventLoop(null);
    loop.close();
  }
}

async function runMain<T>(loop: EventLoop, task: Task<T>, signals: boolean): Promise<T> {
  const interrupt = new Interrupt(task);
  if (signals) interrupt.install();
  try {
    return await loop.runUntilComplete(task);
  } catch (error) {
    if (interrupt.happened && error instanceof CancelledError && task.uncancel() === 0) {
      throw new KeyboardInterrupt('interrupted by SIGINT');
    }
    throw error;
  } finally {
    interrupt.remove();
    await cancelAllTasks(loop);
  }
}

/** SIGINT while the main task runs. */
class Interrupt {
  happened = false;
  readonly #task: AnyFuture;

  constructor(task: AnyFuture) {
    this.#task = task;
  }

  install(): void {
    process.on('SIGINT', this.#onSignal);
  }

  remove(): void {
    process.off('SIGINT', this.#onSignal);
  }

  #onSignal = (): void => {
    if (!this.happened && !this.#task.done()) {
      this.happened = true;
      this.#task.cancel();
      return;
    }
    this.remove();
    process.kill(process.pid, 'SIGINT');
  };
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
      message: 'unhandled exception during run() shutdown',
      exception,
      task,
    });
  }
}

function debugFromEnvironment(): boolean {
  const { UVIO_DEBUG, PYTHONASYNCIODEBUG } = process.env;
  return Boolean(UVIO_DEBUG ?? PYTHONASYNCIODEBUG);
}
