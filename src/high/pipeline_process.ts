/**
 * Pipeline: the programs that pipeline() has joined, from outside like one process.
 */

import { inspect } from 'node:util';
import { type AbortOptions, cancelOnAbort } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { SignalName } from '../io/signals.js';
import type { WriteData } from '../io/transports.js';
import { gather } from '../sync/gathering.js';
import type { CommunicateOptions, TextOptions } from './communicate.js';
import type { Process } from './process.js';
import type { EndedBy } from './process_ending.js';
import { type LinesOptions, linesOf } from './process_lines.js';
import type { StreamReader } from './stream_reader.js';
import type { StreamWriter } from './stream_writer.js';

/** What the last process wrote to stdout, and each of them to stderr; null for what is no PIPE. */
export type PipelineOutput<T> = [stdout: T | null, stderr: (T | null)[]];

/** Programs that are joined by pipes of the kernel: what pipeline() returns. */
export class Pipeline implements AsyncDisposable {
  /** In the order of the data. */
  readonly processes: readonly Process[];
  readonly #first: Process;
  readonly #last: Process;

  /** Made by pipeline() only. @internal */
  constructor(processes: readonly Process[]) {
    this.processes = processes;
    this.#first = processes[0] as Process;
    this.#last = processes.at(-1) as Process;
  }

  /** That of the first process; null if that is no PIPE. */
  get stdin(): StreamWriter | null {
    return this.#first.stdin;
  }

  /** That of the last process; null if that is no PIPE. */
  get stdout(): StreamReader | null {
    return this.#last.stdout;
  }

  /** Those of all, as Process.returncode. */
  get returncodes(): (number | null)[] {
    return this.processes.map((process) => process.returncode);
  }

  /** What ended them, if anything did: Process.endedBy. */
  get endedBy(): EndedBy | null {
    const reasons = this.processes.map((process) => process.endedBy);
    // When one is ended for another reason the others are closed.
    const first = reasons.find((reason) => reason !== null && reason !== 'close');
    return first ?? reasons.find((reason) => reason !== null) ?? null;
  }

  /** Waits for the exit of all; a future of their return codes. */
  wait(options?: AbortOptions): Future<number[]> {
    return gather(
      this.processes.map((process) => process.wait()),
      options,
    );
  }

  /**
   * Process.communicate() with all of them: `input` goes to the first one.
   *
   * @returns a future of `[stdout, stderr]`, the latter a list; it fails with RangeError for more output than
   *   maxBuffer, once all have been ended
   */
  communicate(
    input: WriteData | null | undefined,
    options: CommunicateOptions & TextOptions,
  ): Future<PipelineOutput<string>>;
  communicate(
    input?: WriteData | null,
    options?: CommunicateOptions,
  ): Future<PipelineOutput<Buffer>>;
  communicate(
    input: WriteData | null = null,
    options?: CommunicateOptions & Partial<TextOptions>,
  ): Future<PipelineOutput<never>> {
    const { signal, ...own } = options ?? {};
    const parts = this.processes.map((process) =>
      process.communicate(process === this.#first ? input : null, own),
    );
    const body = this.#communicate(parts as unknown as Part[]);
    return cancelOnAbort(new Operation(this.#first._loop, body), { signal });
  }

  /** The lines of stdout: Process.lines(). */
  lines(options?: Omit<LinesOptions, 'from'>): AsyncIterableIterator<string, undefined> {
    return linesOf(this.#last, options);
  }

  /** Sends a signal to those that run. */
  sendSignal(signal: SignalName): void {
    for (const process of this.#running()) process.sendSignal(signal);
  }

  /** Process.terminate() of those that run. */
  terminate(): void {
    for (const process of this.#running()) process.terminate();
  }

  /** Process.kill() of those that run. */
  kill(): void {
    for (const process of this.#running()) process.kill();
  }

  /** Process.close() of all; a future of their return codes. */
  close(options?: AbortOptions): Future<number[]> {
    return gather(
      this.processes.map((process) => process.close()),
      options,
    );
  }

  /** Ends what still runs, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  toString(): string {
    return `<Pipeline ${this.processes.join(' ')}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  #running(): Process[] {
    return this.processes.filter((process) => process.returncode === null);
  }

  *#communicate(parts: Part[]): OperationBody<PipelineOutput<never>> {
    let outputs: [never | null, never | null][];
    try {
      outputs = yield* gather(parts);
    } catch (error) {
      if (error instanceof RangeError) yield* this.close();
      throw error;
    }
    const stdout = outputs.at(-1)?.[0] ?? null;
    return [stdout, outputs.map(([, stderr]) => stderr)];
  }
}

type Part = Future<[never | null, never | null]>;
