/**
 * What the scenarios of StreamReader are made of: readers fed by hand, and how reads are logged.
 *
 * The counterpart of the first lines of scenarios/stream_reading.py, function by function.
 */

import { IncompleteReadError, LimitOverrunError, StreamReader } from '../../src/index.js';
import type { Stage } from './stage.js';

export function text(data: Uint8Array): string {
  return `"${Buffer.from(data).toString('latin1').replaceAll('\n', '\\n')}"`;
}

function logFailure(log: Stage['log'], what: string, error: unknown): void {
  if (error instanceof IncompleteReadError) log(what, error, text(error.partial), error.expected);
  else if (error instanceof LimitOverrunError) log(what, error, error.consumed);
  else log(what, error);
}

/** Logs the bytes, or the error with its attributes. */
export async function reading({ log }: Stage, what: string, read: PromiseLike<Buffer>) {
  try {
    log(what, text(await read));
  } catch (error) {
    logFailure(log, what, error);
  }
}

export function* readingOf(
  { log }: Stage,
  what: string,
  read: Iterable<unknown>,
): Generator<unknown, void, unknown> {
  try {
    log(what, text(yield* read as Generator<unknown, Buffer, unknown>));
  } catch (error) {
    logFailure(log, what, error);
  }
}

/** A transport that says when it is paused. */
export class Stub {
  readonly #log: Stage['log'];

  constructor({ log }: Stage) {
    this.#log = log;
  }

  pauseReading(): void {
    this.#log('pauses');
  }

  resumeReading(): void {
    this.#log('resumes');
  }

  toString(): string {
    return 'stub';
  }
}

export interface Fed {
  limit?: number;
  eof?: boolean;
}

export function fed(chunks: readonly string[] = [], { limit, eof }: Fed = {}): StreamReader {
  const reader = new StreamReader({ limit });
  for (const chunk of chunks) reader.feedData(chunk);
  if (eof === true) reader.feedEof();
  return reader;
}

export function feedSoon(
  { loop, log }: Stage,
  reader: StreamReader,
  chunks: readonly string[],
  { eof }: Fed = {},
): void {
  loop.callSoon(() => {
    log('feeds');
    for (const chunk of chunks) reader.feedData(chunk);
    if (eof === true) reader.feedEof();
  });
}
