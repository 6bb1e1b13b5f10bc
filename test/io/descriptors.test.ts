/**
 * What descriptors connectReadPipe() and its like take, and whose they are.
 *
 * Guards: only what can be waited for, and only in its own direction; what is refused stays the caller's,
 * what is taken is closed with the transport; a descriptor that somebody else closes is no crash, and
 * another's that got its number is left alone.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { isOpen, makePipe, withFolder, withPipe } from './local_peers.js';
import { Recorder, withLoop } from './peers.js';

describe('a descriptor given to the loop', () => {
  leavesNothingOpen();

  it('must be for a pipe, a socket or a terminal', async () => {
    await withFolder((folder) =>
      withLoop(async (loop) => {
        const file = openSync(join(folder, 'file'), 'w+');
        const [directory, zero] = [openSync(folder, 'r'), openSync('/dev/zero', 'r+')];
        const expectReading = {
          name: 'TypeError',
          message: 'Pipe transport is for pipes/sockets only.',
        };
        const message = 'Pipe transport is only for pipes, sockets and character devices';
        for (const descriptor of [file, directory]) {
          await rejects(
            loop.connectReadPipe(() => new Recorder(), descriptor),
            expectReading,
          );
          await rejects(
            loop.connectWritePipe(() => new Recorder(), descriptor),
            { message },
          );
        }
        // A device that one never waits for.
        for (const connect of ['connectReadPipe', 'connectWritePipe'] as const) {
          const refused = loop[connect as 'connectReadPipe'](() => new Recorder(), zero);
          await rejects(refused, { code: 'EPERM', syscall: 'open' });
        }
        // What was refused still belongs to the caller.
        for (const descriptor of [file, directory, zero]) closeSync(descriptor);
        await rejects(
          loop.connectReadPipe(() => new Recorder(), file),
          { code: 'EBADF' },
        );
      }),
    );
  });

  it('must be open for the direction', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      await rejects(
        loop.connectReadPipe(() => new Recorder(), writing),
        { code: 'EBADF' },
      );
      await rejects(
        loop.connectWritePipe(() => new Recorder(), reading),
        { code: 'EBADF' },
      );
      ok(isOpen(reading) && isOpen(writing));
    });
  });

  it('must be a number or have one', async () => {
    await withLoop(async (loop) => {
      for (const pipe of [undefined, null, 'x', {}, { fd: 'x' }] as never[]) {
        throws(() => loop.connectReadPipe(() => new Recorder(), pipe), /^TypeError: pipe must be/);
        throws(() => loop.connectWritePipe(() => new Recorder(), pipe), TypeError);
        throws(() => loop.connectAcceptedSocket(() => new Recorder(), pipe), /^TypeError: socket/);
      }
      for (const pipe of [-1, 1.5, Number.NaN, 2 ** 31, { fd: -1 }]) {
        throws(() => loop.connectReadPipe(() => new Recorder(), pipe), RangeError);
      }
      throws(() => loop.connectReadPipe(7 as never, 0), TypeError);
    });
  });

  it('may be closed by somebody else: the transport has its own', async () => {
    await withPipe(async ({ loop, folder, reading, writing }) => {
      const sink = new Recorder();
      const source = new Recorder();
      const [input] = await loop.connectReadPipe(() => sink, reading);
      const [output] = await loop.connectWritePipe(() => source, writing);
      input.pauseReading();
      closeSync(reading);
      closeSync(writing);
      // Others get the numbers, and must keep them.
      const others = [openSync(join(folder, 'a'), 'w'), openSync(join(folder, 'b'), 'w')];
      deepEqual(others.sort(), [reading, writing].sort());
      input.resumeReading();
      output.write('hello');
      await sink.inbox.has(5);
      output.close();
      equal(await source.lost, null);
      equal(await sink.lost, null);
      await new Promise(setImmediate);
      for (const other of others) closeSync(other);
    });
  });

  it('closed at once after the call is an error or an end, and no crash', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const sink = new Recorder();
      const pending = loop.connectReadPipe(() => sink, reading);
      closeSync(reading);
      closeSync(writing);
      await pending;
      equal(await sink.lost, null);
    });
  });

  it('one descriptor may serve both directions', async () => {
    await withFolder((folder) =>
      withLoop(async (loop) => {
        const path = join(folder, 'fifo');
        await once(spawn('mkfifo', [path]), 'exit');
        const both = openSync(path, 'r+');
        const sink = new Recorder();
        const source = new Recorder();
        const [input] = await loop.connectReadPipe(() => sink, both);
        const [output] = await loop.connectWritePipe(() => source, both);
        output.write('round trip');
        await sink.inbox.has(10);
        output.close();
        equal(await source.lost, null);
        input.close();
        equal(await sink.lost, null);
        equal(isOpen(both), false);
      }),
    );
  });

  it('is closed with the loop, and with a call that is cancelled', async () => {
    await withFolder(async (folder) => {
      const { reading, writing } = makePipe(folder);
      await withLoop(async (loop) => {
        await loop.connectReadPipe(() => new Recorder(), reading);
        const cancelled = loop.connectWritePipe(() => new Recorder(), writing);
        cancelled.cancel();
        await rejects(cancelled, CancelledError);
      });
      await new Promise(setImmediate);
      deepEqual([isOpen(reading), isOpen(writing)], [false, false]);
    });
  });

  it('a factory that throws, and a protocol that is none, leave it to the caller', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const fail = () => {
        throw new Error('no protocol');
      };
      await rejects(loop.connectReadPipe(fail, reading), /no protocol/);
      await rejects(
        loop.connectReadPipe(() => ({}) as never, reading),
        TypeError,
      );
      await rejects(
        loop.connectWritePipe(() => ({}) as never, writing),
        TypeError,
      );
      ok(isOpen(reading) && isOpen(writing));
    });
  });
});
