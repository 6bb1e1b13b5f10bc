/**
 * ThreadPoolExecutor: concurrent.futures' executor of threads, on Node's worker threads.
 *
 * Each thread is a piscina of one, which brings calls and outcomes across by Atomics and not by events; queue and
 * life are Executor's. Invariant: piscina is loaded when the first thread is needed, and not before.
 */

import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import { checkNumber, checkOptions, rangeError } from '../util/check.js';
import { describeError } from '../util/format.js';
import { logger } from '../util/logger.js';
import { ownFile } from '../util/own_file.js';
import { Executor, type ExecutorOptions, type ExecutorWorker } from './executor.js';
import { type BrokenExecutor, BrokenThreadPool } from './executor_errors.js';
import type { Call, Outcome } from './executor_worker.js';

// With less than 3 Node 22 and later end the whole process: the thread cannot even be set up.
const LEAST_HEAP = 4;

/** What a thread may use, in MiB, as Node's Worker takes it. */
export interface ThreadLimits {
  /** Of the heap: 4 or more, or 0 for Node's own limit. */
  maxOldGenerationSizeMb?: number;
  /** Of the heap's part for new objects. */
  maxYoungGenerationSizeMb?: number;
  /** Of compiled code. */
  codeRangeSizeMb?: number;
  /** Of the stack. */
  stackSizeMb?: number;
}

/** What its constructor takes. */
export interface ThreadPoolExecutorOptions extends ExecutorOptions {
  /** A thread that wants more ends, and its call fails with BrokenThreadPool. */
  resourceLimits?: ThreadLimits;
}

/**
 * Runs functions in threads of this process: concurrent.futures.ThreadPoolExecutor.
 *
 * `await using executor = new ThreadPoolExecutor({ maxWorkers: 4 })` waits at the block's end for what it runs. Idle
 * threads do not keep the process alive; busy ones do.
 */
export class ThreadPoolExecutor extends Executor {
  protected override readonly _where = 'worker thread';
  protected override readonly _canTransfer = true;
  readonly #limits: ThreadLimits | undefined;

  /** @throws TypeError or RangeError */
  constructor(options?: ThreadPoolExecutorOptions) {
    super(options);
    const limits = options?.resourceLimits;
    checkOptions(limits, 'resourceLimits');
    for (const [name, value] of Object.entries(limits ?? {})) {
      checkNumber(`resourceLimits.${name}`, value);
    }
    const heap = limits?.maxOldGenerationSizeMb ?? 0;
    if (heap > 0 && heap < LEAST_HEAP) {
      throw rangeError('resourceLimits.maxOldGenerationSizeMb', `${LEAST_HEAP} or more`, heap);
    }
    this.#limits = limits && { ...limits };
  }

  protected override _startWorker(): ExecutorWorker {
    return new WorkerThread(this.#limits);
  }

  protected override _broken(message: string, cause: unknown): BrokenExecutor {
    return new BrokenThreadPool(message, { cause });
  }
}

class WorkerThread implements ExecutorWorker {
  #isAlive = true;
  #isReady = false;
  diedOf: unknown = null;
  #pool: Piscina | null = null;
  readonly #starting: Promise<Piscina>;
  #ending: Promise<void> | null = null;

  constructor(limits: ThreadLimits | undefined) {
    this.#starting = this.#start(limits);
    this.#starting.catch(() => {
      this.#isAlive = false;
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  run(call: Call, transferList: readonly object[]): Promise<Outcome> {
    const options = { transferList: transferList as never };
    if (this.#pool !== null) return this.#pool.run(call, options);
    return this.#starting.then((pool) => pool.run(call, options));
  }

  end(): Promise<void> {
    this.#isAlive = false;
    this.#ending ??= this.#starting.then(
      (pool) => pool.destroy(),
      () => {},
    );
    return this.#ending;
  }

  async #start(limits: ThreadLimits | undefined): Promise<Piscina> {
    const { Piscina } = await import('piscina');
    const pool = new Piscina({
      filename: fileURLToPath(ownFile('loop/executor_worker.js')),
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
      ...(limits && { resourceLimits: limits }),
    });
    // Piscina would start another one for the next call; here that is the executor's.
    pool.on('workerDestroy', () => void this.end());
    pool.on('workerCreate', () => {
      this.#isReady = true;
    });
    pool.on('error', (error) => {
      if (!this.#isReady) this.diedOf = error;
      else logger.error(`Exception in an idle worker thread\n${describeError(error)}`);
    });
    this.#pool = pool;
    return pool;
  }
}
