/**
 * What the tests of executors share: both kinds of executors, jobs that can be watched through shared memory.
 */

import {
  type Executor,
  type ExecutorOptions,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
} from '../../src/index.js';

export const KINDS: readonly [string, (options?: ExecutorOptions) => Executor][] = [
  ['ThreadPoolExecutor', (options) => new ThreadPoolExecutor(options)],
  ['ProcessPoolExecutor', (options) => new ProcessPoolExecutor(options)],
];

/** The URL of an export of executor_jobs. */
export function jobUrl(exported = ''): URL {
  return new URL(`./executor_jobs.js${exported}`, import.meta.url);
}

/** A number that threads share: 0 until something is told. */
export class Shared {
  readonly memory = new Int32Array(new SharedArrayBuffer(4));

  get value(): number {
    return Atomics.load(this.memory, 0);
  }

  set value(value: number) {
    Atomics.store(this.memory, 0, value);
    Atomics.notify(this.memory, 0);
  }

  /** Resolves when it is not `value` any more. */
  async leaves(value: number): Promise<void> {
    while (this.value === value) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A job that says that it has started, and works until it is stopped. */
export function spin(memory: Int32Array): never {
  for (;;) Atomics.add(memory, 0, 1);
}

/** A job that says that it has started, and ends when it is told to. */
export function hold(memory: Int32Array): string {
  Atomics.store(memory, 0, 1);
  Atomics.notify(memory, 0);
  Atomics.wait(memory, 0, 1);
  return 'held';
}

/** A job that leaves a trace. */
export function mark(memory: Int32Array): void {
  Atomics.add(memory, 0, 1);
}
