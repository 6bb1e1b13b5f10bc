/**
 * The queue of bytes: what is copied and what is not, what it holds on to, and searches across chunks.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { ByteQueue } from '../../src/util/byte_queue.js';

function queueOf(...chunks: (string | Buffer)[]): ByteQueue {
  const queue = new ByteQueue();
  for (const chunk of chunks) queue.push(Buffer.from(chunk as string));
  return queue;
}

describe('ByteQueue', () => {
  it('hands a whole chunk out without a copy', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.from('chunk');
    queue.push(chunk);
    equal(queue.take(5), chunk);
    equal(queue.length, 0);
  });

  it('hands parts of a chunk out in its memory', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.from('one\ntwo\n');
    queue.push(chunk);
    const [first, second] = [queue.take(4), queue.take(4)];
    deepEqual([first.toString(), second.toString()], ['one\n', 'two\n']);
    equal(first.buffer, chunk.buffer);
    equal(second.byteOffset, chunk.byteOffset + 4);
  });

  it('joins what spans chunks', () => {
    const queue = queueOf('abc', Buffer.alloc(2000, 'x'), 'def');
    equal(queue.take(2).toString(), 'ab');
    equal(queue.take(2002).toString(), `c${'x'.repeat(2000)}d`);
    equal(queue.takeAll().toString(), 'ef');
    equal(queue.takeAll().length, 0);
  });

  it('hands out some of what is there: small chunks joined, a large one alone', () => {
    const large = Buffer.alloc(20_000, 'x');
    const queue = queueOf('ab', Buffer.alloc(2000, 'y'));
    queue.push(large);
    queue.push(Buffer.from('cd'));
    equal(queue.takeSome(1).toString(), 'a');
    equal(queue.takeSome(2500).toString(), `b${'y'.repeat(2000)}${'x'.repeat(499)}`);
    const some = queue.takeSome(1_000_000);
    deepEqual([some.buffer, some.length], [large.buffer, 19_501]);
    equal(queue.takeSome(1_000_000).toString(), 'cd');
    equal(queue.length, 0);
  });

  it('gathers small chunks, and never writes to what it has handed out', () => {
    const queue = new ByteQueue();
    for (const letter of 'abcdef') queue.push(Buffer.from(letter));
    queue.take(1);
    const early = queue.take(3);
    for (const letter of 'ghi') queue.push(Buffer.from(letter));
    deepEqual([early.toString(), queue.takeAll().toString()], ['bcd', 'efghi']);
  });

  it('holds single bytes in a few pieces of memory', () => {
    const queue = new ByteQueue();
    const size = 64 * 1024;
    for (let index = 0; index < size; index++) queue.push(Buffer.from([index & 0xff]));
    const memories = new Set<ArrayBufferLike>();
    while (queue.length > 0) memories.add(queue.take(1).buffer);
    ok(memories.size <= size / 4096 + 2, `${memories.size} pieces`);
  });

  it('finds bytes across any number of chunks, from a position on', () => {
    const queue = queueOf('xxSE', 'P', 'AR', 'ATORx', 'SEPARATOR');
    const separator = Buffer.from('SEPARATOR');
    equal(queue.indexOf(separator, 0), 2);
    equal(queue.indexOf(separator, 2), 2);
    equal(queue.indexOf(separator, 3), 12);
    equal(queue.indexOf(separator, 13), -1);
    equal(queue.indexOf(separator, 99), -1);
    queue.skip(1);
    equal(queue.indexOf(separator, 0), 1);
    equal(queue.hasAt(separator, 1), true);
    equal(queue.hasAt(separator, 2), false);
    equal(queue.hasAt(separator, 13), false);
  });

  it('does whatever one Buffer would do', () => {
    const sizes = fc.integer({ min: 0, max: 1500 });
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), bytes: letters }),
      fc.record({ kind: fc.constant('fill' as const), size: sizes }),
      fc.record({ kind: fc.constant('take' as const), size: sizes }),
      fc.record({ kind: fc.constant('skip' as const), size: sizes }),
      fc.record({ kind: fc.constant('find' as const), bytes: letters, size: sizes }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue();
        let model = Buffer.alloc(0);
        for (const one of steps) {
          if (one.kind === 'push' || one.kind === 'fill') {
            const bytes = Buffer.from(one.kind === 'push' ? one.bytes : 'a'.repeat(one.size));
            if (bytes.length > 0) queue.push(bytes);
            model = Buffer.concat([model, bytes]);
          } else if (one.kind === 'find') {
            if (one.bytes === '') continue;
            const from = Math.min(one.size, model.length);
            const found = queue.indexOf(Buffer.from(one.bytes), from);
            equal(found, model.indexOf(one.bytes, from, 'latin1'));
          } else {
            const size = Math.min(one.size, model.length);
            if (size === 0) continue;
            if (one.kind === 'skip') queue.skip(size);
            else deepEqual(queue.take(size), model.subarray(0, size));
            model = model.subarray(size);
          }
          equal(queue.length, model.length);
        }
        deepEqual(queue.takeAll(), model);
      }),
      { numRuns: 300 },
    );
  });
});
