/**
 * `for await (const line of reader)`: asyncio's `async for`, which ends at the end of the stream.
 *
 * Leaving the loop early leaves the reader as it is: the next read goes on behind the last line.
 */

import type { Future } from '../core/futures.js';

/** What it iterates over. */
interface Lines {
  readline(): Future<Buffer>;
}

type Step = IteratorResult<Buffer, undefined>;

export class LineIterator implements AsyncIterator<Buffer, undefined> {
  readonly #lines: Lines;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  async next(): Promise<Step> {
    const line = this.#lines.readline();
    // A line that is there already takes no turn of its own.
    const data = line.done() ? line.result() : await line;
    return data.length === 0 ? { done: true, value: undefined } : { done: false, value: data };
  }
}
