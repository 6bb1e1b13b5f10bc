/**
 * loop.sendfile: a file through a transport.
 *
 * After CPython's test_sendfile. Guards: the bytes are those asked for and in their place between what is written before and
 * after; nothing else is written meanwhile; the transport goes on as it was, or is closed when its peer has gone; the file's
 * position and the count are true however the sending ends.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { open } from 'node:fs/promises';
import {
  CancelledError,
  type EventLoop,
  RuntimeError,
  SendfileNotAvailableError,
  type Transport,
} from 'uvio';
import { census, leavesNothingOpen } from '../support.js';
import { type TestFile, withFile } from './files.js';
import { withUnixServer } from './local_peers.js';
import { connectPair, Recorder, sha256, withServer } from './peers.js';

interface Sending {
  loop: EventLoop;
  file: TestFile;
  /** The side that sends, and the one that receives. */
  client: Recorder;
  server: Recorder;
  transport: Transport;
}

const MEGABYTE = 1024 * 1024;

/** Runs `body` with a file and both ends of a connection, which are closed. */
function sending(size: number, body: (on: Sending) => Promise<void>): Promise<void> {
  const made: Recorder[] = [];
  const make = () => {
    made.push(new Recorder());
    return made.at(-1) as Recorder;
  };
  return withFile(size, (file) =>
    withServer(make, async (on) => {
      const [server, client] = await connectPair(on, made);
      const { loop } = on;
      const { transport } = client;
      await body({ loop, file, client, server, transport });
      transport.abort();
      await client.lost;
    }),
  );
}

describe('sendfile through a transport', () => {
  leavesNothingOpen();

  it('sends the whole file, and says how much that was', () =>
    sending(10 * MEGABYTE, async ({ loop, transport, server, file }) => {
      equal(await loop.sendfile(transport, file.fd), file.data.length);
      await server.inbox.has(file.data.length);
      equal(sha256(server.inbox.bytes()), sha256(file.data));
      equal(file.position(), file.data.length);
    }));

  it('sends a part: from an offset, as many bytes as asked for, or what there is', () =>
    sending(3 * MEGABYTE, async ({ loop, transport, server, file }) => {
      let before = 0;
      for (const [offset, count, expected] of [
        [1000, 100, 100],
        [MEGABYTE + 1, null, 2 * MEGABYTE - 1],
        [0, 2 * MEGABYTE, 2 * MEGABYTE],
        [3 * MEGABYTE - 5, 100, 5],
      ] as const) {
        equal(await loop.sendfile(transport, file.fd, offset, count), expected);
        await server.inbox.has(before + expected);
        const received = server.inbox.bytes().subarray(before);
        equal(sha256(received), sha256(file.data.subarray(offset, offset + expected)));
        equal(file.position(), offset + expected);
        before += expected;
      }
      // Nothing was sent, so nothing was moved.
      equal(await loop.sendfile(transport, file.fd, 4 * MEGABYTE), 0);
    }));

  it('of an empty file sends nothing', () =>
    sending(0, async ({ loop, transport, file }) => {
      equal(await loop.sendfile(transport, file.fd), 0);
      equal(transport.isReading(), true);
    }));

  it('takes a FileHandle, or anything with fd', () =>
    sending(1000, async ({ loop, transport, server, file }) => {
      const handle = await open(file.path);
      equal(await loop.sendfile(transport, handle), 1000);
      equal(await loop.sendfile(transport, { fd: handle.fd }, 500), 500);
      await handle.close();
      await server.inbox.has(1500);
    }));

  it('lets what was written before leave first, and what is written after follow', () =>
    sending(MEGABYTE, async ({ loop, transport, server, file }) => {
      const before = Buffer.alloc(5 * MEGABYTE, 'b');
      transport.write(before);
      transport.write('small');
      equal(await loop.sendfile(transport, file.fd), MEGABYTE);
      transport.write('after');
      const whole = Buffer.concat([before, Buffer.from('small'), file.data, Buffer.from('after')]);
      await server.inbox.has(whole.length);
      equal(sha256(server.inbox.bytes()), sha256(whole));
    }));

  it('refuses writes meanwhile, and a second file', () =>
    sending(4 * MEGABYTE, async ({ loop, transport, file }) => {
      const sendingFile = loop.sendfile(transport, file.fd);
      const expected = { constructor: RuntimeError, message: /sendfile is in progress/ };
      throws(() => transport.write('x'), expected);
      throws(() => transport.writelines(['x']), expected);
      throws(() => transport.writeEof(), expected);
      await rejects(loop.sendfile(transport, file.fd), expected);
      equal(await sendingFile, 4 * MEGABYTE);
      transport.write('x');
      transport.writeEof();
      await rejects(loop.sendfile(transport, file.fd), /Cannot call write\(\) after writeEof/);
    }));

  it('pauses reading, and leaves it as it was', () =>
    sending(1000, async ({ loop, transport, file, client, server }) => {
      for (const reading of [true, false]) {
        if (!reading) transport.pauseReading();
        const sendingFile = loop.sendfile(transport, file.fd);
        equal(transport.isReading(), false);
        await sendingFile;
        equal(transport.isReading(), reading);
      }
      transport.resumeReading();
      server.transport.write('heard');
      await client.inbox.has(5);
    }));

  it('fails when the peer goes in the middle, and the transport is closed', () =>
    sending(64 * MEGABYTE, async ({ loop, transport, server, client, file }) => {
      const sendingFile = loop.sendfile(transport, file.fd);
      await server.inbox.has(1024);
      server.transport.abort();
      await rejects(sendingFile, { code: /^(EPIPE|ECONNRESET)$/, syscall: 'sendfile' });
      equal(transport.isClosing(), true);
      equal((await client.lost) instanceof Error, true);
      const position = file.position();
      ok(position >= 1024 && position < file.data.length, `sent ${position}`);
    }));

  it('is ended by close() and abort()', () =>
    sending(64 * MEGABYTE, async ({ loop, transport, server, client, file }) => {
      server.transport.pauseReading();
      const sendingFile = loop.sendfile(transport, file.fd);
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
      equal(sendingFile.done(), false);
      transport.close();
      await rejects(sendingFile, { code: 'ECONNABORTED', syscall: 'sendfile' });
      equal(await client.lost, null);
      throws(() => loop.sendfile(transport, file.fd), /^RuntimeError: Transport is closing/);
    }));

  it('is ended while it waits for what was written before', () =>
    sending(1000, async ({ loop, transport, server, file }) => {
      server.transport.pauseReading();
      transport.write(Buffer.alloc(20 * MEGABYTE));
      const sendingFile = loop.sendfile(transport, file.fd);
      transport.abort();
      await rejects(sendingFile, { code: 'ECONNABORTED' });
      equal(file.position(), 0);
    }));

  it('can be cancelled at any moment: the count is true, and the transport goes on', () =>
    sending(16 * MEGABYTE, async ({ loop, transport, server, file }) => {
      const mark = 'after what was cancelled';
      let before = 0;
      for (let turns = 0; turns < 40; turns += 4) {
        const sendingFile = loop.sendfile(transport, file.fd);
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        if (sendingFile.cancel()) await rejects(sendingFile, CancelledError);
        transport.write(mark);
        await untilMarked(server, mark, before);
        const received = server.inbox.bytes().subarray(before, -mark.length);
        equal(sha256(received), sha256(file.data.subarray(0, received.length)));
        if (received.length > 0) equal(file.position(), received.length);
        before = server.inbox.size;
      }
    }));

  it('by a signal, before it has begun too', () =>
    sending(64 * MEGABYTE, async ({ loop, transport, server, file }) => {
      const aborted = { signal: AbortSignal.abort() };
      await rejects(loop.sendfile(transport, file.fd, 0, null, aborted), CancelledError);
      server.transport.pauseReading();
      const controller = new AbortController();
      const options = { signal: controller.signal };
      const sendingFile = loop.sendfile(transport, file.fd, 0, null, options);
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
      controller.abort();
      await rejects(sendingFile, CancelledError);
      transport.write('goes on');
    }));

  it('goes through a unix socket', () =>
    withFile(MEGABYTE, (file) => {
      const made = new Recorder();
      return withUnixServer(
        () => made,
        async ({ loop, path }) => {
          const client = new Recorder();
          const [transport] = await loop.createUnixConnection(() => client, path);
          equal(await loop.sendfile(transport, file.fd), MEGABYTE);
          await made.inbox.has(MEGABYTE);
          equal(sha256(made.inbox.bytes()), sha256(file.data));
          transport.close();
          await client.lost;
        },
      );
    }));

  it('does not hold the descriptors of what it was given', () =>
    sending(1000, async ({ loop, transport, file }) => {
      const before = census().descriptors;
      for (let count = 0; count < 20; count++) await loop.sendfile(transport, file.fd);
      equal(census().descriptors, before);
    }));

  it('refuses arguments of the wrong kind', () =>
    sending(10, async ({ loop, transport, file }) => {
      const { fd } = file;
      throws(() => loop.sendfile(null as never, fd), /^TypeError: transport must be a transport/);
      throws(() => loop.sendfile({} as never, fd), /^TypeError: transport must be/);
      for (const bad of ['x', null, {}, { fd: null }] as never[]) {
        throws(() => loop.sendfile(transport, bad), /^TypeError: file must be a file descriptor/);
      }
      throws(() => loop.sendfile(transport, -1), /^RangeError: file must be/);
      throws(() => loop.sendfile(transport, fd, -1), /^RangeError: offset must be/);
      throws(() => loop.sendfile(transport, fd, '0' as never), /^TypeError: offset must be/);
      for (const count of [0, -1, 1.5]) {
        throws(() => loop.sendfile(transport, fd, 0, count), /^RangeError: count must be/);
      }
      throws(() => loop.sendfile(transport, fd, 0, '1' as never), /^TypeError: count must be/);
      const options = { fallback: 1 as never };
      throws(() => loop.sendfile(transport, fd, 0, 1, options), /^TypeError: fallback must be/);
      await rejects(loop.sendfile(transport, 0x7fffffff), { code: 'EBADF' });
      ok(new SendfileNotAvailableError('x') instanceof RuntimeError);
      equal(transport.isClosing(), false);
      deepEqual(transport.getWriteBufferSize(), 0);
    }));
});

/** Waits until what has come since `before` ends with `mark`. */
async function untilMarked(server: Recorder, mark: string, before: number): Promise<void> {
  const { inbox } = server;
  for (;;) {
    const last = Buffer.concat(inbox.chunks.slice(-2)).toString('latin1');
    if (inbox.size >= before + mark.length && last.endsWith(mark)) return;
    await inbox.has(inbox.size + 1);
  }
}
