/**
 * Process: asyncio's, a program that runs, with its streams.
 *
 * Beside asyncio's it has close(), lines() and what became of the process. Invariant: a process that was closed
 * has exited, and none of its pipes is open.
 */

import { inspect } from 'node:util';
import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import type { ResourceUsage } from '../io/process_info.js';
import type { SignalName } from '../io/signals.js';
import type { SubprocessTransport, WriteData } from '../io/transports.js';
import {
  type CommunicateOptions,
  Communication,
  type Output,
  type TextOptions,
} from './communicate.js';
import type { EndedBy, ProcessEnding } from './process_ending.js';
import { type LinesOptions, linesOf } from './process_lines.js';
import type { StreamReader } from './stream_reader.js';
import type { StreamWriter } from './stream_writer.js';
import type { SubprocessStreamProtocol } from './subprocess_protocol.js';

/** A program under way, with streams, made by createSubprocessExec() and createSubprocessShell(): asyncio.subprocess.Process. */
export class Process implements AsyncDisposable {
  /** Null for what is no PIPE. */
  readonly stdin: StreamWriter | null;
  /** Its output, with `stdout: PIPE`; else `null`. */
  readonly stdout: StreamReader | null;
  /** Its errors, with `stderr: PIPE`; else `null`. */
  readonly stderr: StreamReader | null;
  /** The number of the process. */
  readonly pid: number;
  /** @internal */ readonly _loop: Scheduler;
  /** @internal */ readonly _ending: ProcessEnding;
  readonly #transport: SubprocessTransport;
  readonly #protocol: SubprocessStreamProtocol;
  readonly #communication: Communication;

  /** Made by createSubprocessExec() and createSubprocessShell() only. @internal */
  constructor(
    loop: Scheduler,
    transport: SubprocessTransport,
    protocol: SubprocessStreamProtocol,
    ending: ProcessEnding,
    maxBuffer: number,
  ) {
    this._loop = loop;
    this._ending = ending;
    this.#transport = transport;
    this.#protocol = protocol;
    this.stdin = protocol.stdin;
    this.stdout = protocol.stdout;
    this.stderr = protocol.stderr;
    this.pid = transport.getPid();
    this.#communication = new Communication(this, transport, maxBuffer);
  }

  /** The exit code, or minus the number of the signal that ended the process; null while it runs. */
  get returncode(): number | null {
    return this.#transport.getReturncode();
  }

  /** The signal that ended the process; null when none did, or while it runs. */
  get signal(): NodeJS.Signals | null {
    return this.#transport.getExtraInfo('subprocess').signal;
  }

  /** Which of the options, or close(), ended the process or the wait for its output; null when it ended by itself. */
  get endedBy(): EndedBy | null {
    return this._ending.endedBy;
  }

  /** What the process has used; null while it runs. */
  get resourceUsage(): ResourceUsage | null {
    return this.#transport.getExtraInfo('subprocess').resourceUsage;
  }

  /** What the loop's subprocessExec() gave: for signals, descriptors and facts of other kinds. */
  get transport(): SubprocessTransport {
    return this.#transport;
  }

  /**
   * Waits for the exit, whoever still holds the process's pipes. A process that writes more than its pipes and
   * readers hold does not exit: read, or use communicate().
   *
   * @returns a future of the return code
   */
  wait(options?: AbortOptions): Future<number> {
    checkAbortOptions(options);
    return cancelOnAbort(this.#protocol._waitExit(), options);
  }

  /**
   * Sends `input`, closes stdin, reads stdout and stderr to their ends, and waits for the exit. When it is given up
   * the process goes on, and another communicate() gives all of the output.
   *
   * @returns a future of `[stdout, stderr]`, null for what is no PIPE; it fails with RangeError, once the process
   *   is ended, for more output than maxBuffer
   * @throws TypeError or RangeError
   */
  communicate(
    input: WriteData | null | undefined,
    options: CommunicateOptions & TextOptions,
  ): Future<Output<string>>;
  communicate(input?: WriteData | null, options?: CommunicateOptions): Future<Output<Buffer>>;
  communicate(
    input: WriteData | null = null,
    options?: CommunicateOptions & Partial<TextOptions>,
  ): Future<Output<never>> {
    return this.#communication.communicate<never>(input, options);
  }

  /**
   * The lines of stdout or stderr as strings, without their ends: `for await (const line of process.lines())`. One
   * that is longer than the reader's limit is a RangeError.
   *
   * @throws TypeError, or RuntimeError for what is no PIPE
   */
  lines(options?: LinesOptions): AsyncIterableIterator<string, undefined> {
    return linesOf(this, options);
  }

  /**
   * Sends a signal to the process; nothing to one that has exited.
   *
   * @throws TypeError, RangeError, or a system error: ESRCH when its pipes have ended too, EPERM
   */
  sendSignal(signal: SignalName): void {
    this.#transport.sendSignal(signal);
  }

  /** Sends SIGTERM; with killTree to what the process has started as well. */
  terminate(): void {
    this._ending.signal('SIGTERM');
  }

  /** Sends SIGKILL; with killTree to what the process has started as well. */
  kill(): void {
    this._ending.kill();
  }

  /**
   * Ends the process if it runs: killSignal, then SIGKILL after forceKillAfter; with killTree also what it has
   * started. Its pipes are closed, and what is unread in them is lost.
   *
   * @returns a future of the return code. Giving it up changes nothing about the process's end
   */
  close(options?: AbortOptions): Future<number> {
    checkAbortOptions(options);
    return cancelOnAbort(new Operation(this._loop, this.#close()), options);
  }

  /** Ends it if it still runs, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  toString(): string {
    return `<Process ${this.pid}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  *#close(): OperationBody<number> {
    yield* this._ending.end('close');
    return this.returncode as number;
  }
}
