/**
 * Process.communicate(): asyncio's, input and output at the same time and then the exit, so that no pipe's size can
 * make the two wait for each other.
 *
 * Output that was collected stays with the process until a call has returned it. Invariant: a call that is given up
 * loses none.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import type { TimerHandle } from '../core/events.js';
import { RuntimeError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import { toBytes } from '../io/bytes.js';
import type { SubprocessTransport, WriteData } from '../io/transports.js';
import { gather } from '../sync/gathering.js';
import { checkDuration, typeError } from '../util/check.js';
import type { Process } from './process.js';
import type { StreamReader } from './stream_reader.js';

/** What communicate() takes beside the input. */
export interface CommunicateOptions extends AbortOptions {
  /**
   * Milliseconds after the exit for which output is waited for, that may still come from others who hold the pipes;
   * by default until they end.
   */
  drainGrace?: number | undefined;
}

/** Output as text. */
export interface TextOptions {
  /** Gives strings. */
  encoding: BufferEncoding;
}

/** What the process wrote; null for what is no PIPE. */
export type Output<T> = [stdout: T | null, stderr: T | null];

/** @throws TypeError or RangeError */
export function checkCommunicateOptions(
  options: (CommunicateOptions & Partial<TextOptions>) | undefined,
): void {
  checkAbortOptions(options);
  const { drainGrace, encoding } = options ?? {};
  if (drainGrace !== undefined) checkDuration('drainGrace', drainGrace);
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
    throw typeError('encoding', 'an encoding of Node', encoding);
  }
}

/** What has been read of one stream. */
class Collected {
  #chunks: Buffer[] = [];
  length = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** Gives everything away, or the first `limit` bytes. */
  take(limit?: number): Buffer {
    const all =
      this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.length = 0;
    return limit === undefined ? all : all.subarray(0, limit);
  }
}

type Name = 'stdout' | 'stderr';

class TooMuchOutput {
  constructor(readonly name: Name) {}
}

export class Communication {
  readonly #process: Process;
  readonly #transport: SubprocessTransport;
  readonly #maxBuffer: number;
  readonly #collected = { stdout: new Collected(), stderr: new Collected() };

  constructor(process: Process, transport: SubprocessTransport, maxBuffer: number) {
    this.#process = process;
    this.#transport = transport;
    this.#maxBuffer = maxBuffer;
  }

  /** @throws TypeError, RangeError, or RuntimeError for input to what is no PIPE */
  communicate<T>(
    input: WriteData | null,
    options: (CommunicateOptions & Partial<TextOptions>) | undefined,
  ): Future<Output<T>> {
    checkCommunicateOptions(options);
    const bytes = input === null ? null : toBytes(input);
    if (bytes !== null && this.#process.stdin === null) {
      throw new RuntimeError(`stdin of ${this.#process} is no PIPE`);
    }
    const body = this.#communicate(bytes, options?.drainGrace);
    const encoding = options?.encoding;
    const output = function* (): OperationBody<Output<T>> {
      const buffers = yield* body;
      if (encoding === undefined) return buffers as Output<T>;
      return buffers.map((bytes) => bytes?.toString(encoding) ?? null) as Output<T>;
    };
    return cancelOnAbort(new Operation(this.#process._loop, output()), options);
  }

  *#communicate(
    input: Uint8Array | null,
    drainGrace: number | undefined,
  ): OperationBody<Output<Buffer>> {
    const loop = this.#process._loop;
    const stopDraining = drainGrace === undefined ? null : this.#endDraining(drainGrace);
    try {
      yield* gather([
        new Operation(loop, this.#feed(input)),
        new Operation(loop, this.#collect('stdout')),
        new Operation(loop, this.#collect('stderr')),
      ]);
    } catch (error) {
      if (!(error instanceof TooMuchOutput)) throw error;
      yield* this.#process._ending.end('maxBuffer');
      throw this.#tooMuch(error.name);
    } finally {
      stopDraining?.();
    }
    yield* this.#process.wait();
    return [this.#take('stdout'), this.#take('stderr')];
  }

  *#feed(input: Uint8Array | null): OperationBody<void> {
    const { stdin } = this.#process;
    if (stdin === null) return;
    try {
      if (input !== null) {
        stdin.write(input);
        yield* stdin.drain();
      }
    } catch (error) {
      if (!isBrokenPipe(error)) throw error; // the process did not want all of it
    }
    stdin.close();
  }

  *#collect(name: Name): OperationBody<void> {
    const reader: StreamReader | null = this.#process[name];
    if (reader === null) return;
    const collected = this.#collected[name];
    for (;;) {
      const data = yield* reader.read(Number.MAX_SAFE_INTEGER);
      if (data.length === 0) break;
      collected.push(data);
      if (collected.length > this.#maxBuffer) throw new TooMuchOutput(name);
    }
    this.#closePipe(name);
  }

  /** Closes the pipes so long after the exit, so that their readers come to their ends; returns what prevents it. */
  #endDraining(grace: number): () => void {
    const exit = this.#process.wait();
    let timer: TimerHandle | null = null;
    let stopped = false;
    const run = () => {
      if (stopped) return;
      timer = this.#process._loop.callLater(grace, () => {
        this.#closePipe('stdout');
        this.#closePipe('stderr');
      });
    };
    exit._addWaiting({ run });
    return () => {
      stopped = true;
      exit.cancel();
      timer?.cancel();
    };
  }

  #closePipe(name: Name): void {
    this.#transport.getPipeTransport(name === 'stdout' ? 1 : 2)?.close();
  }

  #take(name: Name, limit?: number): Buffer | null {
    return this.#process[name] === null ? null : this.#collected[name].take(limit);
  }

  #tooMuch(name: Name): RangeError {
    const limit = this.#maxBuffer;
    const error = new RangeError(
      `${name} of ${this.#process} is longer than maxBuffer: ${limit} bytes`,
    );
    return Object.assign(error, {
      code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER',
      stdout: this.#take('stdout', limit),
      stderr: this.#take('stderr', limit),
    });
  }
}

function isBrokenPipe(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'EPIPE' || code === 'ECONNRESET';
}
