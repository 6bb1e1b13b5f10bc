/**
 * ProcessPoolExecutor: concurrent.futures' executor of processes, for work that must not share this one.
 *
 * A worker is started by Node's fork(), whose channel keeps the process alive only while a call is under way, and copies
 * by V8's own serializer. Invariant: a call is answered once, by its outcome or by its process's end.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { typeError } from '../util/check.js';
import { ownFile } from '../util/own_file.js';
import { Executor, type ExecutorOptions, type ExecutorWorker } from './executor.js';
import { type BrokenExecutor, BrokenProcessPool } from './executor_errors.js';
import type { Call, Outcome } from './executor_worker.js';

/** What its constructor takes. */
export interface ProcessPoolExecutorOptions extends ExecutorOptions {
  /** Options of Node for the processes, as `['--max-old-space-size=512']`; by default this process's. */
  execArgv?: readonly string[];
  /** Their environment; by default this process's. */
  env?: NodeJS.ProcessEnv;
}

// How long an idle process may take to end by itself.
const GRACE = 5000; // ms

/**
 * Runs functions in processes of their own: a crash, a leak or a `process.chdir()` there is nobody else's.
 * concurrent.futures.ProcessPoolExecutor.
 *
 * As ThreadPoolExecutor otherwise; what is copied is what v8.serialize() takes. `process.send` is not there: the channel to
 * the parent is the executor's own.
 */
export class ProcessPoolExecutor extends Executor {
  protected override readonly _where = 'worker process';
  protected override readonly _canTransfer = false;
  readonly #execArgv: readonly string[];
  readonly #env: NodeJS.ProcessEnv | undefined;

  /** @throws TypeError or RangeError */
  constructor(options?: ProcessPoolExecutorOptions) {
    super(options);
    const { execArgv = ownExecArgv(), env } = options ?? {};
    if (!Array.isArray(execArgv)) throw typeError('execArgv', 'an array of strings', execArgv);
    if (env !== undefined && (typeof env !== 'object' || env === null)) {
      throw typeError('env', 'an object', env);
    }
    this.#execArgv = execArgv;
    this.#env = env;
  }

  protected override _startWorker(): ExecutorWorker {
    return new WorkerProcess(this.#execArgv, this.#env);
  }

  protected override _broken(message: string, cause: unknown): BrokenExecutor {
    return new BrokenProcessPool(message, { cause });
  }
}

/** This process's options, less a program that it was given in place of a file. */
function ownExecArgv(): string[] {
  const { _eval: program } = process as { _eval?: string };
  const isProgram = (word: string | undefined) => program !== undefined && word === program;
  return process.execArgv.filter(
    (word, index, all) =>
      !isProgram(word) && !isProgram(all[index + 1]) && !word.startsWith('--input-type'),
  );
}

interface Waiting {
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

class WorkerProcess implements ExecutorWorker {
  readonly #child: ChildProcess;
  #waiting: Waiting | null = null;
  #isAlive = true;
  readonly #gone: Promise<void>;

  constructor(execArgv: readonly string[], env: NodeJS.ProcessEnv | undefined) {
    const { fork } = process.getBuiltinModule('node:child_process');
    this.#child = fork(fileURLToPath(ownFile('loop/executor_process.js')), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...execArgv],
      ...(env && { env }),
    });
    // once() hears of what matters.
    this.#child.on('error', () => {});
    this.#child.on('message', (outcome) => this.#answer((one) => one.resolve(outcome as Outcome)));
    this.#gone = this.#watch();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  run(call: Call): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      // What cannot be copied throws here. That the channel is broken is told by the process's end.
      this.#child.send(call, () => {});
      this.#waiting = { resolve, reject };
      this.#child.ref();
      this.#child.channel?.ref();
    });
  }

  end(): Promise<void> {
    this.#isAlive = false;
    const isIdle = this.#waiting === null;
    this.#child.ref();
    if (isIdle && this.#child.connected) {
      // It may run its exit handlers.
      this.#child.disconnect();
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE);
      return this.#gone.finally(() => clearTimeout(timer));
    }
    this.#child.kill('SIGKILL');
    return this.#gone;
  }

  #answer(give: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (this.#isAlive) {
      this.#child.unref();
      this.#child.channel?.unref();
    }
    if (waiting !== null) give(waiting);
  }

  async #watch(): Promise<void> {
    const child = this.#child;
    let reason: unknown;
    try {
      const [code, signal] = await once(child, 'exit');
      reason = new Error(signal === null ? `exit code ${code}` : `killed by ${signal}`);
      // An outcome may have been sent before.
      if (child.connected) await once(child, 'disconnect');
    } catch (error) {
      reason = error; // it could not be started
    }
    this.#isAlive = false;
    this.#answer((one) => one.reject(reason));
  }
}
