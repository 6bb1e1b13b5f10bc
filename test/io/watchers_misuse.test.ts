/**
 * addReader and addWriter on descriptors that are closed, taken or none at all.
 *
 * Guards: a descriptor closed behind the watcher's back is an error, never a crash and never a loop that
 * spins; transports keep their descriptors to themselves; watchers keep the process alive, and no
 * watcher survives its loop.
 */

import { deepEqual, equal, throws } from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { newEventLoop, Protocol, type SystemError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFifo } from './fifo.js';
import { Deferred, Recorder, withLoop, withServer } from './peers.js';
import { assertPrinted, runProcess, startWorker } from './programs.js';

const self = fileURLToPath(import.meta.url);
const unused = () => {};

describe('addReader and addWriter, misused', () => {
  leavesNothingOpen();

  it('refuse what is no descriptor', () =>
    withLoop(async (loop) => {
      for (const value of [undefined, null, '1', {}, { fd: '1' }, () => {}, 1n]) {
        for (const method of ['addReader', 'addWriter'] as const) {
          throws(() => loop[method](value as never, unused), {
            name: 'TypeError',
            message: /^fd must be a file descriptor/,
          });
        }
        throws(() => loop.removeReader(value as never), { name: 'TypeError' });
        throws(() => loop.removeWriter(value as never), { name: 'TypeError' });
      }
      for (const value of [-1, 1.5, Number.NaN, 2 ** 31, { fd: -1 }]) {
        throws(() => loop.addReader(value, unused), {
          name: 'RangeError',
          message: /^fd must be an open file descriptor, got/,
        });
      }
      throws(() => loop.addReader(0, undefined as never), /callback must be a function/);
      equal(loop.removeReader(1_000_000), false);
      equal(loop.removeWriter(1_000_000), false);
    }));

  it('refuse a descriptor that is not open, and a file that is always ready', () =>
    withLoop(async (loop) => {
      throws(() => loop.addReader(1_000_000, unused), { code: 'EBADF', syscall: 'poll' });
      const file = openSync(self, 'r');
      throws(() => loop.addReader(file, unused), { code: 'EPERM', syscall: 'poll' });
      closeSync(file);
    }));

  it('report a descriptor that was closed, once, and forget it', () =>
    withFifo((fifo) =>
      withLoop(async (loop, reports) => {
        const reader = fifo.open('reader');
        loop.addReader(reader, unused);
        loop.addWriter(reader, unused);
        fifo.close(reader);
        const reported = new Deferred<void>();
        loop.setExceptionHandler((_loop, context) => {
          reports.push(context);
          reported.resolve();
        });
        writeSync(fifo.both, 'x');
        await reported.promise;
        const turns = loop.metrics()?.turns ?? 0;
        await new Promise((resolve) => setTimeout(resolve, 20));
        equal((loop.metrics()?.turns ?? 0) - turns <= 2, true);
        deepEqual(
          reports
            .splice(0)
            .map((report) => [report.message, (report.exception as SystemError).code]),
          [[`File descriptor ${reader} was closed while it was watched`, 'EBADF']],
        );
        equal(loop.removeReader(reader), false);
        equal(loop.removeWriter(reader), false);
      }),
    ));

  it('bear a descriptor that is closed before the loop has looked at it', () =>
    withFifo((fifo) =>
      withLoop(async (loop) => {
        const reader = fifo.open('reader');
        loop.addReader(reader, unused);
        fifo.close(reader);
        await new Promise<void>((resolve) => loop.callLater(1, resolve));
        equal(loop.removeReader(reader), true);
      }),
    ));

  it('watch the new file when a number has been closed and used again', () =>
    withFifo((first) =>
      withFifo((second) =>
        withLoop(async (loop) => {
          const reader = first.open('reader');
          loop.addReader(reader, () => {
            throw new Error('the old one');
          });
          first.close(reader);
          const again = second.open('reader');
          equal(again, reader);
          const called = new Deferred<void>();
          loop.addReader(again, () => {
            loop.removeReader(again);
            called.resolve();
          });
          writeSync(first.both, 'x');
          writeSync(second.both, 'x');
          await called.promise;
        }),
      ),
    ));

  it('leave the descriptors of transports alone', () => {
    const made: Recorder[] = [];
    const factory = () => {
      const recorder = new Recorder();
      made.push(recorder);
      return recorder;
    };
    return withServer(factory, async ({ loop, port, server }) => {
      const [transport] = await loop.createConnection(() => new Protocol(), '127.0.0.1', port);
      const fd = transport.getExtraInfo('socket')?.fileno() as number;
      const words = {
        name: 'RuntimeError',
        message: `File descriptor ${fd} is used by transport <TcpTransport open bufsize=0>`,
      };
      throws(() => loop.addReader(fd, unused), words);
      throws(() => loop.addWriter(fd, unused), words);
      throws(() => loop.removeReader(fd), words);
      throws(() => loop.removeWriter(fd), words);
      throws(() => loop.addReader(server.sockets[0] as never, unused), /is used by transport/);
      transport.close();
      equal(loop.removeReader(fd), false);
    });
  });

  it('refuse a closed loop', async () => {
    const loop = newEventLoop();
    loop.close();
    throws(() => loop.addReader(0, unused), /^RuntimeError: Event loop is closed$/);
    equal(loop.removeReader(0), false);
    equal(loop.removeWriter(0), false);
  });

  it('are forgotten when their loop is closed', () =>
    withFifo(async (fifo) => {
      const loop = newEventLoop();
      loop.addReader(fifo.both, () => {
        throw new Error('never');
      });
      loop.close();
      writeSync(fifo.both, 'x');
      equal(loop.removeReader(fifo.both), false);
    }));

  it('close the loop from a callback', () =>
    withFifo(async (fifo) => {
      const loop = newEventLoop();
      writeSync(fifo.both, 'x');
      await new Promise<void>((resolve) => {
        loop.addReader(fifo.both, () => {
          loop.close();
          resolve();
        });
      });
    }));

  it('keep the process alive until they are removed', () =>
    withFifo(async (fifo) => {
      const outcome = await runProcess(
        ({ newEventLoop }, { fs }, path) => {
          const loop = newEventLoop();
          const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
          loop.addReader(fd, () => {
            console.log('read');
            loop.removeReader(fd);
          });
          setTimeout(() => fs.writeSync(fd, 'x'), 20).unref();
        },
        {},
        fifo.path,
      );
      // The unreferenced timer fires only if something else keeps the process.
      assertPrinted(outcome, 'read');
    }));

  it('end with their worker thread', () =>
    withFifo(async (fifo) => {
      const worker = startWorker(({ newEventLoop }, { fs, threads }, path) => {
        const loop = newEventLoop();
        const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
        loop.addReader(fd, () => {});
        loop.addWriter(fd, () => threads.parentPort?.postMessage('writable'));
      }, fifo.path);
      await once(worker, 'message');
      // Node closes what the worker opened.
      await worker.terminate();
    }));
});
