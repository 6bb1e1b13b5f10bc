/**
 * StreamReader by itself: lists of separators, arguments, signals, memory.
 *
 * What it does as asyncio's of Python 3.11 is compared with that in test/differential/stream_*.test.ts.
 */

import { deepEqual, equal, match, rejects, throws } from 'node:assert/strict';
import {
  CancelledError,
  createTask,
  type EventLoop,
  IncompleteReadError,
  LimitOverrunError,
  RuntimeError,
  StreamReader,
  sleep,
} from 'uvio';

import { leavesNothingOpen } from '../support.js';
import { inTask } from './stream_support.js';

function fed(loop: EventLoop, ...chunks: string[]): StreamReader {
  const reader = new StreamReader({ loop });
  for (const chunk of chunks) reader.feedData(chunk);
  return reader;
}

describe('StreamReader', () => {
  leavesNothingOpen();

  describe('readuntil() with several separators', () => {
    // CPython 3.14, Lib/test/test_asyncio/test_streams.py, test_readuntil_multi_separator*
    it('ends at the one that ends first, wherever it stands in the list', () =>
      inTask(async (loop) => {
        const reader = fed(loop, 'first message (separator=A)AAAsecond (separator=B)BBBthird');
        equal(String(await reader.readuntil(['AAA', 'BBB'])), 'first message (separator=A)AAA');
        equal(String(await reader.readuntil(['AAA', 'BBB'])), 'second (separator=B)BBB');
        equal(String(reader), '<StreamReader 5 bytes>');
      }));

    it('prefers the shortest match, though a longer separator begins before it', () =>
      inTask(async (loop) => {
        const reader = fed(loop, 'line 1\nline 2\r\n');
        equal(String(await reader.readuntil(['\r\n', '\n'])), 'line 1\n');
        equal(String(await reader.readuntil(['\r\n', '\n'])), 'line 2\r\n');
        equal(String(await fed(loop, 'ABCDEFG').readuntil(['BCDEF', 'CD'])), 'ABCD');
      }));

    it('waits for the longest one, which may have begun', () =>
      inTask(async (loop) => {
        const reader = fed(loop, 'some data\r');
        const line = reader.readuntil(['\r\n\r\n', '\n\n']);
        loop.callSoon(() => reader.feedData('\n\r'));
        loop.callSoon(() => loop.callSoon(() => reader.feedData('\nrest')));
        equal(String(await line), 'some data\r\n\r\n');
      }));

    it('counts the limit up to the separator that matched', () =>
      inTask(async (loop) => {
        const reader = new StreamReader({ loop, limit: 3 });
        reader.feedData('some dataA');
        await rejects(reader.readuntil(['A', 'ome dataA']), (error: LimitOverrunError) => {
          equal(error.message, 'Separator is found, but chunk is longer than limit');
          // Both end at one place: the shorter one counts.
          equal(error.consumed, 9);
          return error instanceof LimitOverrunError;
        });
        equal(String(await reader.readuntil(['ome dataA'])), 'some dataA');
      }));

    it('takes Buffers and strings, and refuses empty ones', () =>
      inTask(async (loop) => {
        const reader = fed(loop, 'añb');
        equal(String(await reader.readuntil([Buffer.from('x'), 'ñ'])), 'añ');
        throws(() => reader.readuntil(''), /separator must be at least one byte long, got ''/);
        throws(() => reader.readuntil(['a', '']), RangeError);
        throws(() => reader.readuntil([]), /a list of at least one element, got \[\]/);
        throws(() => reader.readuntil(5 as never), TypeError);
      }));
  });

  it('a read that the buffer can serve is done when it returns', () =>
    inTask(async (loop) => {
      const reader = fed(loop, 'one\ntwo\nthree four');
      for (const [read, expected] of [
        [reader.readline(), 'one\n'],
        [reader.readuntil('w'), 'tw'],
        [reader.readexactly(2), 'o\n'],
        [reader.read(5), 'three'],
        [reader.read(99), ' four'],
      ] as const) {
        equal(read.done(), true);
        equal(String(read.result()), expected);
      }
    }));

  it('lines are handed out in the memory of the chunk that they came in', () =>
    inTask(async (loop) => {
      const reader = new StreamReader({ loop });
      const chunk = Buffer.from('one\ntwo\nthree\n');
      reader.feedData(chunk);
      const offsets: number[] = [];
      reader.feedEof();
      for await (const line of reader) {
        equal(line.buffer, chunk.buffer);
        offsets.push(line.byteOffset - chunk.byteOffset);
      }
      deepEqual(offsets, [0, 4, 8]);
    }));

  it('a signal ends a read, and the bytes stay', () =>
    inTask(async (loop) => {
      const reader = fed(loop, 'some');
      const controller = new AbortController();
      const reads = reader.readexactly(9, { signal: controller.signal });
      controller.abort(new Error('enough'));
      await rejects(reads, CancelledError);
      equal(String(await reader.read(9)), 'some');
      throws(() => reader.read(1, { signal: 5 as never }), TypeError);
      equal(String(reader), '<StreamReader>');
    }));

  it('a cancelled read makes room for the next at once', () =>
    inTask(async (loop) => {
      const reader = fed(loop);
      const first = reader.read(9);
      equal(first.cancel('why'), true);
      const second = reader.read(9);
      reader.feedData('data');
      await rejects(first, /why/);
      equal(first.cancelled(), true);
      equal(first.cancel(), false);
      equal(String(await second), 'data');
    }));

  it('bytes that were taken reach whoever awaits them, though a callback cancels that task', () =>
    inTask(async (loop) => {
      const reader = fed(loop);
      const reading = reader.read(9);
      let got = '';
      const task = createTask(
        async () => {
          got = String(await reading);
          await sleep(1_000_000);
        },
        { loop },
      );
      // Before the task awaits it.
      reading.addDoneCallback(() => task.cancel());
      await sleep(0);
      reader.feedData('data');
      await rejects(task, CancelledError);
      equal(got, 'data');
    }));

  it('a task that iterates can be cancelled', () =>
    inTask(async (loop) => {
      const reader = fed(loop, 'one\ntw');
      const lines: string[] = [];
      const task = createTask(
        async () => {
          for await (const line of reader) lines.push(String(line));
        },
        { loop },
      );
      await sleep(0);
      await sleep(0);
      task.cancel();
      await rejects(task, CancelledError);
      deepEqual(lines, ['one\n']);
      reader.feedData('o\n');
      equal(String(await reader.readline()), 'two\n');
    }));

  it('bytes that somebody else took do not end the one that was woken', () =>
    inTask(async (loop) => {
      const reader = fed(loop);
      const woken = reader.read(9);
      reader.feedData('first');
      equal(String(reader.read(9).result()), 'first');
      loop.callSoon(() => loop.callSoon(() => reader.feedData('second')));
      equal(String(await woken), 'second');
    }));

  it('refuses wrong arguments by name', () =>
    inTask(async (loop) => {
      const reader = fed(loop);
      throws(() => new StreamReader({ loop, limit: 0 }), /limit must be an integer from 1 to/);
      throws(() => new StreamReader({ loop, limit: -1 }), RangeError);
      throws(() => new StreamReader({ loop: {} as never }), /loop must be an EventLoop/);
      throws(() => reader.read(1.5), /size must be an integer/);
      throws(() => reader.read('1' as never), TypeError);
      throws(() => reader.readexactly(-1), /size must be an integer from 0 to/);
      throws(() => reader.feedData(5 as never), TypeError);
      throws(() => reader.setException(null), TypeError);
    }));

  it('refuses data behind the end, and a second transport', () =>
    inTask(async (loop) => {
      const reader = fed(loop);
      const transport = { pauseReading() {}, resumeReading() {} };
      reader.setTransport(transport);
      throws(() => reader.setTransport(transport), /Transport already set/);
      reader.feedEof();
      throws(() => reader.feedData('x'), RuntimeError);
    }));

  it('takes any kind of bytes', () =>
    inTask(async (loop) => {
      const reader = fed(loop, 'é');
      reader.feedData(new Uint8Array([65, 66]));
      reader.feedData(new Uint16Array([0x4443]));
      reader.feedData(new Uint8Array([69]).buffer);
      equal(String(await reader.read(99)), 'éABCDE');
    }));

  it('an error says what had arrived', () => {
    const error = new IncompleteReadError(Buffer.from('abc'), 5);
    equal(error.name, 'IncompleteReadError');
    match(error.message, /^3 bytes read on a total of 5 expected bytes$/);
    deepEqual([String(error.partial), error.expected], ['abc', 5]);
    const overrun = new LimitOverrunError('too long', 7);
    deepEqual(
      [overrun.name, overrun.message, overrun.consumed],
      ['LimitOverrunError', 'too long', 7],
    );
  });
});
