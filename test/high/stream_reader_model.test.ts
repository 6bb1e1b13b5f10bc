/**
 * StreamReader against a model of it: random bytes, cut at random, and read by random calls.
 *
 * The model keeps the buffer in one string and knows nothing of chunks, positions or turns. A read that the model says
 * has to wait must wait; then the next chunk is fed. The transport is paused exactly when the model says so.
 */

import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { type Future, IncompleteReadError, LimitOverrunError, StreamReader, sleep } from 'uvio';

import { leavesNothingOpen } from '../support.js';
import { inTask } from './stream_support.js';

type Call =
  | { kind: 'read' | 'readexactly'; size: number }
  | { kind: 'readall' | 'readline' }
  | { kind: 'readuntil'; separators: string[] };

type Outcome = [what: string, ...details: unknown[]];

class Model {
  buffer = '';
  ended = false;
  paused = false;

  constructor(readonly limit: number) {}

  feed(chunk: string | undefined): void {
    this.buffer += chunk ?? '';
    this.ended = chunk === undefined;
    if (this.buffer.length > 2 * this.limit) this.paused = true;
  }

  /** Null when the call has to wait, for which the transport must read. */
  call(call: Call): Outcome | null {
    const outcome = this.#outcome(call);
    const taken = outcome?.[0] === 'bytes' || outcome?.[0] === 'too long';
    if (outcome === null || (taken && this.buffer.length <= this.limit)) this.paused = false;
    return outcome;
  }

  #outcome(call: Call): Outcome | null {
    switch (call.kind) {
      case 'read':
        if (call.size === 0) return ['bytes', ''];
        return this.buffer === '' && !this.ended ? null : this.#bytes(call.size);
      case 'readall':
        return this.ended ? this.#bytes(this.buffer.length) : null;
      case 'readexactly':
        if (this.buffer.length >= call.size) return this.#bytes(call.size);
        return this.ended ? ['incomplete', this.#take(this.buffer.length), call.size] : null;
      case 'readline':
        return this.#line();
      case 'readuntil':
        return this.#until(call.separators);
    }
  }

  #until(separators: string[]): Outcome | null {
    const matches = separators
      .map((one) => ({ start: this.buffer.indexOf(one), length: one.length }))
      .filter((one) => one.start >= 0)
      .map((one) => ({ ...one, end: one.start + one.length }))
      .sort((one, other) => one.end - other.end || one.length - other.length);
    const match = matches[0];
    if (match !== undefined) {
      return match.start > this.limit ? ['overrun', match.start] : this.#bytes(match.end);
    }
    const longest = Math.max(...separators.map((one) => one.length));
    const shortest = Math.min(...separators.map((one) => one.length));
    const searched = Math.max(0, this.buffer.length + 1 - longest);
    if (this.buffer.length >= shortest && searched > this.limit) return ['overrun', searched];
    return this.ended ? ['incomplete', this.#take(this.buffer.length), null] : null;
  }

  #line(): Outcome | null {
    const outcome = this.#until(['\n']);
    if (outcome?.[0] === 'incomplete') return ['bytes', outcome[1]];
    if (outcome?.[0] !== 'overrun') return outcome;
    const newline = this.buffer.indexOf('\n');
    this.#take(newline < 0 ? this.buffer.length : newline + 1);
    return ['too long'];
  }

  #bytes(size: number): Outcome {
    return ['bytes', this.#take(size)];
  }

  #take(size: number): string {
    const taken = this.buffer.slice(0, size);
    this.buffer = this.buffer.slice(size);
    return taken;
  }
}

function start(reader: StreamReader, call: Call): Future<Buffer> {
  switch (call.kind) {
    case 'read':
      return reader.read(call.size);
    case 'readexactly':
      return reader.readexactly(call.size);
    case 'readall':
      return reader.read();
    case 'readline':
      return reader.readline();
    case 'readuntil':
      return reader.readuntil(call.separators);
  }
}

function outcomeOf(read: Future<Buffer>): Outcome {
  const error = read.exception();
  if (error === null) return ['bytes', String(read.result())];
  if (error instanceof IncompleteReadError) {
    return ['incomplete', String(error.partial), error.expected];
  }
  if (error instanceof LimitOverrunError) return ['overrun', error.consumed];
  if (error instanceof RangeError) return ['too long'];
  throw error;
}

const letters = (options: fc.StringSharedConstraints) =>
  fc.string({ unit: fc.constantFrom('a', 'b', '\n'), ...options });

const size = fc.integer({ min: 0, max: 30 });
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ kind: fc.constantFrom('read' as const, 'readexactly' as const), size }),
  fc.record({ kind: fc.constant('readline' as const) }),
  fc.record({
    kind: fc.constant('readuntil' as const),
    separators: fc.array(letters({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  }),
);

describe('StreamReader and its model', () => {
  leavesNothingOpen();

  it('agree on every outcome, and on who has to wait', () =>
    inTask(async (loop) => {
      const program = fc.record({
        chunks: fc.array(letters({ minLength: 1, maxLength: 20 }), { maxLength: 12 }),
        ahead: fc.integer({ min: 0, max: 4 }),
        limit: fc.integer({ min: 1, max: 40 }),
        calls: fc.array(call, { maxLength: 20 }),
      });
      await fc.assert(
        fc.asyncProperty(program, async ({ chunks, ahead, limit, calls }) => {
          const reader = new StreamReader({ loop, limit });
          const model = new Model(limit);
          let paused = false;
          const pausing = (value: boolean) => () => {
            equal(paused, !value);
            paused = value;
          };
          reader.setTransport({ pauseReading: pausing(true), resumeReading: pausing(false) });
          const coming = [...chunks];
          const feed = () => {
            const chunk = coming.shift();
            if (chunk === undefined) reader.feedEof();
            else reader.feedData(chunk);
            model.feed(chunk);
          };
          for (let count = 0; count < Math.min(ahead, chunks.length); count++) feed();
          for (const one of [...calls, { kind: 'readall' } as const]) {
            let expected = model.call(one);
            const read = start(reader, one);
            while (expected === null) {
              equal(read.done(), false);
              equal(paused, model.paused);
              feed();
              expected = model.call(one);
              await sleep(0);
            }
            deepEqual(outcomeOf(read), expected);
            equal(reader.atEof(), model.ended && model.buffer === '');
            if (!model.ended) equal(paused, model.paused);
          }
        }),
        { numRuns: 300 },
      );
    }));
});
