/**
 * sendfile where the system cannot do it: what is read and written instead, and when it must not be.
 *
 * Files with which sendfile() does not work are pipes, and some of /proc. Guards: the same bytes arrive, at a pace that the
 * transport's flow control sets; the protocol gets its transport back as it was; without the fallback nothing is sent.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import {
  BaseProtocol,
  CancelledError,
  DatagramProtocol,
  type EventLoop,
  Protocol,
  SendfileNotAvailableError,
  type SystemError,
} from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFifo } from './fifo.js';
import { withFile } from './files.js';
import { connectPair, Recorder, sha256, withServer } from './peers.js';

// A file that has a place to read at, but that sendfile() does not take.
const UNMAPPABLE = '/proc/self/status';
const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const MEGABYTE = 1024 * 1024;

/** Runs `body` with both ends of a connection, which are closed. */
function connected(
  body: (loop: EventLoop, near: Recorder, far: Recorder) => Promise<void>,
): Promise<void> {
  const made: Recorder[] = [];
  const make = () => {
    made.push(new Recorder());
    return made.at(-1) as Recorder;
  };
  return withServer(make, async (on) => {
    const [far, near] = await connectPair(on, made);
    await body(on.loop, near, far);
    near.transport.abort();
    await near.lost;
  });
}

/** Runs `body` with the reading end of a pipe into which another process writes the file. */
function piped(path: string, body: (reading: number) => Promise<void>): Promise<void> {
  return withFifo(async (fifo) => {
    const reading = openSync(fifo.path, 'r');
    const script = 'exec 3> "$1"; echo open; exec cat "$0" >&3';
    const child = spawn('sh', ['-c', script, path, fifo.path]);
    const exited = once(child, 'close');
    // Before the other process has opened its end, closing ours would be the pipe's end.
    await once(child.stdout, 'data');
    fifo.close(fifo.both);
    try {
      await body(reading);
    } finally {
      closeSync(reading);
      child.kill();
      await exited;
    }
  });
}

describe('sendfile without the system', () => {
  leavesNothingOpen();

  it('reads a file that cannot be sent, from its offset, and leaves its position behind', () =>
    connected(async (loop, near, far) => {
      const file = openSync(UNMAPPABLE, 'r');
      equal(await loop.sendfile(near.transport, file, 0, 5), 5);
      const byte = Buffer.alloc(1);
      readSync(file, byte);
      equal(String(byte), '\t');
      equal(await loop.sendfile(near.transport, file, 1, 3), 3);
      near.transport.write('.');
      await far.inbox.has(9);
      equal(far.inbox.text(), 'Name:ame.');
      const all = await loop.sendfile(near.transport, file);
      ok(all > 100);
      await far.inbox.has(9 + all);
      equal(near.transport.getProtocol(), near);
      equal(near.transport.isReading(), true);
      closeSync(file);
    }));

  it('is refused with fallback: false, and nothing was sent', () =>
    connected(async (loop, near, far) => {
      const file = openSync(UNMAPPABLE, 'r');
      const sending = loop.sendfile(near.transport, file, 0, null, { fallback: false });
      const error = await sending.catch((failure: unknown) => failure);
      ok(error instanceof SendfileNotAvailableError);
      equal((error.cause as SystemError).code, 'EINVAL');
      closeSync(file);
      near.transport.write('only this');
      await far.inbox.has(9);
      equal(far.inbox.text(), 'only this');
    }));

  it('passes a pipe on, however much comes, without telling the protocol of its pauses', () =>
    withFile(20 * MEGABYTE, ({ path, data }) =>
      piped(path, (reading) =>
        connected(async (loop, near, far) => {
          far.transport.pauseReading();
          const sending = loop.sendfile(near.transport, reading);
          while (near.transport.getWriteBufferSize() === 0) await new Promise(setImmediate);
          equal(near.transport.isReading(), false);
          far.transport.resumeReading();
          equal(await sending, data.length);
          await far.inbox.has(data.length);
          equal(sha256(far.inbox.bytes()), sha256(data));
          deepEqual(near.events, ['connectionMade']);
        }),
      ),
    ));

  it('ends when the peer goes, and the protocol hears of it', () =>
    withFile(20 * MEGABYTE, ({ path }) =>
      piped(path, (reading) =>
        connected(async (loop, near, far) => {
          const sending = loop.sendfile(near.transport, reading);
          await far.inbox.has(1);
          far.transport.abort();
          await rejects(sending, { code: /^(ECONNRESET|EPIPE|ECONNABORTED)$/ });
          await near.lost;
          equal(near.transport.isClosing(), true);
        }),
      ),
    ));

  it('can be cancelled while it waits for room; what was queued tells the protocol to pause', () =>
    withFile(20 * MEGABYTE, ({ path }) =>
      piped(path, (reading) =>
        connected(async (loop, near, far) => {
          far.transport.pauseReading();
          const sending = loop.sendfile(near.transport, reading);
          const { transport } = near;
          while (transport.getWriteBufferSize() <= 64 * 1024) await new Promise(setImmediate);
          sending.cancel();
          await rejects(sending, CancelledError);
          equal(transport.getProtocol(), near);
          equal(transport.isReading(), true);
          equal(near.events.at(-1), 'pauseWriting');
          far.transport.resumeReading();
          while (near.events.at(-1) !== 'resumeWriting') await new Promise(setImmediate);
        }),
      ),
    ));

  it('waits for what a pipe gives, blocking or not, and can be cancelled meanwhile', () =>
    withFifo((fifo) =>
      connected(async (loop, near, far) => {
        const blocking = openSync(fifo.path, 'r');
        for (const reading of [blocking, fifo.open('reader')]) {
          const idle = loop.sendfile(near.transport, reading);
          await new Promise(setImmediate);
          idle.cancel();
          await rejects(idle, CancelledError);
          const sending = loop.sendfile(near.transport, reading, 0, 4);
          await new Promise(setImmediate);
          writeSync(fifo.both, 'some');
          equal(await sending, 4);
        }
        closeSync(blocking);
        await far.inbox.has(8);
      }),
    ));

  it('sends to a pipe without a fallback', () =>
    withFile(300_000, ({ fd, data }) =>
      withFifo((fifo) =>
        connected(async (loop) => {
          const received = new Recorder();
          const reading = openSync(fifo.path, O_RDONLY | O_NONBLOCK);
          await loop.connectReadPipe(() => received, reading);
          const writing = openSync(fifo.path, O_WRONLY | O_NONBLOCK);
          const made = await loop.connectWritePipe(() => new BaseProtocol(), writing);
          const [transport] = made;
          const options = { fallback: false };
          equal(await loop.sendfile(transport, fd, 0, null, options), data.length);
          await received.inbox.has(data.length);
          equal(sha256(received.inbox.bytes()), sha256(data));
          transport.close();
          received.transport.close();
          await received.lost;
          await new Promise(setImmediate);
        }),
      ),
    ));

  it('knows what takes no bytes', () =>
    withFifo((fifo) =>
      connected(async (loop) => {
        const reading = openSync(fifo.path, O_RDONLY | O_NONBLOCK);
        const [pipe] = await loop.connectReadPipe(() => new Protocol(), reading);
        const make = () => new DatagramProtocol();
        const [datagrams] = await loop.createDatagramEndpoint(make, { family: 4 });
        for (const transport of [pipe, datagrams] as never[]) {
          const expected = /^RuntimeError: sendfile is not supported for transport </;
          throws(() => loop.sendfile(transport, reading), expected);
        }
        pipe.close();
        datagrams.abort();
        await new Promise(setImmediate);
      }),
    ));
});
