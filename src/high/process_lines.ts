/**
 * The lines of a process's output as strings: `for await (const line of process.lines())`.
 *
 * Leaving the loop early leaves the process and its stream as they are.
 */

import { RuntimeError } from '../core/exceptions.js';
import { checkOptions, typeError } from '../util/check.js';
import type { StreamReader } from './stream_reader.js';

/** What lines() takes. */
export interface LinesOptions {
  /** 'stdout' by default. */
  from?: 'stdout' | 'stderr';
  /** 'utf8' by default; one in which the byte 10 is a line's end. */
  encoding?: BufferEncoding;
}

/** @throws TypeError, or RuntimeError for what is no PIPE */
export function linesOf(
  process: Record<'stdout' | 'stderr', StreamReader | null>,
  options: LinesOptions | undefined,
): AsyncIterableIterator<string, undefined> {
  checkOptions(options);
  const { from = 'stdout', encoding = 'utf8' } = options ?? {};
  if (from !== 'stdout' && from !== 'stderr') throw typeError('from', "'stdout' or 'stderr'", from);
  if (!Buffer.isEncoding(encoding)) throw typeError('encoding', 'an encoding of Node', encoding);
  const reader = process[from];
  if (reader === null) throw new RuntimeError(`${from} of ${process} is no PIPE`);
  return new TextLines(reader, encoding);
}

class TextLines implements AsyncIterableIterator<string, undefined> {
  readonly #reader: StreamReader;
  readonly #encoding: BufferEncoding;

  constructor(reader: StreamReader, encoding: BufferEncoding) {
    this.#reader = reader;
    this.#encoding = encoding;
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    const reading = this.#reader.readline();
    // A line that is there already takes no turn of its own.
    const line = reading.done() ? reading.result() : await reading;
    if (line.length === 0) return { done: true, value: undefined };
    return { done: false, value: line.toString(this.#encoding, 0, endOf(line)) };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

function endOf(line: Buffer): number {
  if (line.at(-1) !== NEWLINE) return line.length;
  return line.at(-2) === CARRIAGE_RETURN ? line.length - 2 : line.length - 1;
}
