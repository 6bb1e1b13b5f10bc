/**
 * addReader and addWriter on real descriptors: when callbacks come, and when no more.
 *
 * Guards: level-triggered; a reader and a writer share a watcher; whoever removes a callback keeps it
 * from running; errors of the file are the callback's to see.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { readdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { EventLoop } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFifo } from './fifo.js';
import { Deferred, withLoop } from './peers.js';

const byte = Buffer.alloc(1);

/** What is in the pipe, a byte at most. */
function readByte(descriptor: number): string {
  return byte.toString('latin1', 0, readSync(descriptor, byte));
}

/** Done when the loop has polled and run what it found, some times over. */
async function rounds(loop: EventLoop, count = 3): Promise<void> {
  for (let round = 0; round < count; round++) {
    await new Promise<void>((resolve) => loop.callLater(0, resolve));
    await new Promise(setImmediate);
  }
}

describe('addReader and addWriter', () => {
  leavesNothingOpen();

  it('call the reader when there is something to read, with its arguments', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        const called = new Deferred<unknown[]>();
        loop.addReader(
          fifo.both,
          (...args: unknown[]) => {
            loop.removeReader(fifo.both);
            called.resolve(args);
          },
          1,
          'two',
        );
        await rounds(loop);
        writeSync(fifo.both, 'x');
        deepEqual(await called.promise, [1, 'two']);
        equal(readByte(fifo.both), 'x');
      }),
    ));

  it('call the reader again for as long as it leaves something', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        writeSync(fifo.both, 'abc');
        let read = '';
        const all = new Deferred<void>();
        loop.addReader(fifo.both, () => {
          read += readByte(fifo.both);
          if (read.length === 4) all.resolve();
        });
        await rounds(loop, 5);
        equal(read, 'abc');
        writeSync(fifo.both, 'd');
        await all.promise;
        equal(read, 'abcd');
      }),
    ));

  it('share one watcher between a reader and a writer, the reader being called first', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        const before = readdirSync('/proc/self/fd').length;
        writeSync(fifo.both, 'x');
        const calls: string[] = [];
        const third = new Deferred<void>();
        const note = (what: string) => {
          calls.push(what);
          if (calls.length === 6) third.resolve();
        };
        loop.addWriter(fifo.both, note, 'writer');
        loop.addReader(fifo.both, note, 'reader');
        equal(readdirSync('/proc/self/fd').length, before + 1);
        await third.promise;
        deepEqual(calls.slice(0, 6), ['reader', 'writer', 'reader', 'writer', 'reader', 'writer']);
        equal(loop.removeReader(fifo.both), true);
        equal(loop.removeReader(fifo.both), false);
        equal(loop.removeWriter(fifo.both), true);
        equal(loop.removeWriter(fifo.both), false);
        calls.length = 0;
        await rounds(loop);
        deepEqual(calls, []);
      }),
    ));

  it('replace the callback', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        writeSync(fifo.both, 'x');
        const called = new Deferred<string>();
        loop.addReader(fifo.both, called.resolve, 'first');
        loop.addReader(fifo.both, called.resolve, 'second');
        equal(await called.promise, 'second');
        loop.removeReader(fifo.both);
      }),
    ));

  it('do not call a writer that the reader of the same event has removed', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        writeSync(fifo.both, 'x');
        const calls: string[] = [];
        loop.addWriter(fifo.both, () => calls.push('writer'));
        loop.addReader(fifo.both, () => {
          calls.push('reader');
          loop.removeWriter(fifo.both);
          loop.removeReader(fifo.both);
        });
        await rounds(loop);
        deepEqual(calls, ['reader']);
      }),
    ));

  it('let a callback put another one in its place', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        writeSync(fifo.both, 'x');
        const second = new Deferred<void>();
        let first = 0;
        loop.addReader(fifo.both, () => {
          first++;
          loop.addReader(fifo.both, () => {
            loop.removeReader(fifo.both);
            second.resolve();
          });
        });
        await second.promise;
        equal(first, 1);
      }),
    ));

  it('report an error of a callback, and go on', () =>
    withFifo((fifo) =>
      withLoop(async (loop, reports) => {
        writeSync(fifo.both, 'ab');
        const done = new Deferred<void>();
        loop.addReader(fifo.both, function failing() {
          const read = readByte(fifo.both);
          if (read === 'b') done.resolve();
          throw new Error(read);
        });
        await done.promise;
        loop.removeReader(fifo.both);
        await rounds(loop);
        deepEqual(
          reports.splice(0).map((report) => [report.message, String(report.exception)]),
          [
            ['Exception in callback failing()', 'Error: a'],
            ['Exception in callback failing()', 'Error: b'],
          ],
        );
      }),
    ));

  it('run callbacks in the context in which they were added', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        const storage = new AsyncLocalStorage<string>();
        writeSync(fifo.both, 'x');
        const seen = new Deferred<string | undefined>();
        storage.run('context', () =>
          loop.addReader(fifo.both, () => {
            loop.removeReader(fifo.both);
            seen.resolve(storage.getStore());
          }),
        );
        equal(await seen.promise, 'context');
      }),
    ));

  it('tell the reader of the end, and the writer that nobody reads any more', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        const reader = fifo.open('reader');
        const writer = fifo.open('writer');
        const other = fifo.open('reader');
        fifo.close(fifo.both);
        const ended = new Deferred<void>();
        loop.addReader(reader, () => {
          loop.removeReader(reader);
          ended.resolve();
        });
        // Full, so that only the error makes it ready.
        const chunk = Buffer.alloc(4096);
        const fill = () => {
          try {
            for (;;) writeSync(writer, chunk);
          } catch (error) {
            return (error as NodeJS.ErrnoException).code;
          }
        };
        equal(fill(), 'EAGAIN');
        const broken = new Deferred<string | undefined>();
        loop.addWriter(writer, () => {
          loop.removeWriter(writer);
          broken.resolve(fill());
        });
        await ended.promise;
        fifo.close(reader);
        fifo.close(other);
        equal(await broken.promise, 'EPIPE');
      }),
    ));

  it('call the writer again for as long as the error stays', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        const reader = fifo.open('reader');
        const writer = fifo.open('writer');
        fifo.close(fifo.both);
        fifo.close(reader);
        let calls = 0;
        const third = new Deferred<void>();
        loop.addWriter(writer, () => {
          if (++calls === 3) third.resolve();
        });
        await third.promise;
        equal(loop.removeWriter(writer), true);
        const turns = loop.metrics()?.turns ?? 0;
        await rounds(loop);
        ok((loop.metrics()?.turns ?? 0) - turns < 20);
      }),
    ));

  it('leave Node its turns, with a writer that is always ready', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        let calls = 0;
        loop.addWriter(fifo.both, () => {
          calls++;
        });
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        await new Promise((resolve) => setTimeout(resolve, 1));
        ok(calls > 0);
        loop.removeWriter(fifo.both);
      }),
    ));

  it('leave the blocking mode of the descriptor as it is', () =>
    withLoop(async (loop) => {
      const terminal = await open('/dev/ptmx', 'r+');
      const flags = () => {
        const info = readFileSync(`/proc/self/fdinfo/${terminal.fd}`, 'utf8');
        return /flags:\s*(\d+)/.exec(info)?.[1];
      };
      const before = flags();
      loop.addReader(terminal.fd, () => {});
      equal(flags(), before);
      loop.removeReader(terminal.fd);
      await terminal.close();
    }));
});
