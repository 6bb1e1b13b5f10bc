/**
 * Worker threads whose loop exposes functions, for the tests of calls between threads.
 */

import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import {
  type AttachedLoop,
  EventLoop,
  type ExceptionContext,
  type LoopRef,
  newEventLoop,
} from '../../src/index.js';
import { type Program, startWorker } from '../io/programs.js';

/** Runs a loop that exposes functions, and posts its ref; ends by `stop`. */
const serving: Program<undefined> = async (uvio, { threads }) => {
  const { getRunningLoop, run, transfer } = uvio;
  const seen: unknown[] = [];
  await run(async () => {
    const loop = getRunningLoop();
    const stopped = loop.createFuture();
    loop.expose({
      note: (...values: unknown[]) => void seen.push(...values),
      seen: () => seen,
      echo: async (...values: unknown[]) => values,
      give: async (value: unknown) => value,
      nothing: async () => {},
      throwIt: (value: unknown) => {
        throw value;
      },
      failWith: async (name: 'TimeoutError' | 'InvalidStateError', message: string) => {
        throw Object.assign(new uvio[name](message), { detail: 7 });
      },
      failInGroup: () => {
        const errors = [new RangeError('one'), new uvio.QueueFull('two')];
        throw new uvio.ExceptionGroup('several', errors, { cause: new Error('deep') });
      },
      forever: async (name: string) => {
        seen.push(`${name} begins`);
        try {
          await loop.createFuture();
        } catch (error) {
          seen.push(`${name} ends: ${(error as Error).message}`);
          throw error;
        }
      },
      cancelItself: async () => {
        uvio.currentTask()?.cancel('from inside');
        await loop.createFuture();
      },
      block: (milliseconds: number) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
      },
      move: (size: number) => {
        const memory = new ArrayBuffer(size);
        return transfer({ memory }, [memory]);
      },
      increment: (shared: Int32Array) => Atomics.add(shared, 0, 1),
      threadId: () => threads.threadId,
      stop: () => stopped.setResult(null),
      exit: () => process.exit(3),
      crash: () => {
        setImmediate(() => {
          throw new Error('a crash that is wanted');
        });
      },
      callBack: async (ref: LoopRef, name: string, ...values: unknown[]) =>
        await uvio.runCoroutineThreadsafe(ref, name, ...values),
      waitFor: (ref: LoopRef, timeout: number, name: string, ...values: unknown[]) =>
        uvio.runCoroutineThreadsafe(ref, name, ...values).result(timeout),
    });
    threads.parentPort?.postMessage(loop.ref);
    await stopped;
  });
};

export interface ServedThread {
  attached: AttachedLoop;
  worker: Worker;
  /** The loop of this thread, in a task of which the test runs. */
  loop: EventLoop;
  /** What its exception handler was told. */
  reports: ExceptionContext[];
}

/** Runs `body` with a worker whose loop serves, and a loop of this thread that knows it. */
export async function withServingThread(
  body: (thread: ServedThread) => Promise<void>,
): Promise<void> {
  const worker = startWorker(serving);
  // Not once(), which a crash would make fail.
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const [ref] = (await once(worker, 'message')) as [LoopRef];
  const loop = newEventLoop();
  const reports: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => reports.push(context));
  try {
    await loop.runUntilComplete(() =>
      body({ attached: EventLoop.attach(ref), worker, loop, reports }),
    );
  } finally {
    loop.close();
    await worker.terminate();
    await exited;
  }
}

/** Waits until the thread has seen this, which it does by itself. */
export async function untilSeen(attached: AttachedLoop, value: unknown): Promise<unknown[]> {
  for (;;) {
    const seen = await attached.runCoroutineThreadsafe<unknown[]>('seen');
    if (seen.includes(value)) return seen;
  }
}
