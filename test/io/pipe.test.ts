/**
 * connectReadPipe and connectWritePipe: pipes, FIFOs, sockets and terminals that others have opened.
 *
 * Answers to asyncio's pipe transports. Guards: bytes and end-of-file arrive, flow control works in both
 * directions, a write pipe notices that its reader is gone, close() sends what is queued, the descriptor
 * is closed with the transport, and one closed by somebody else is no crash.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, promises, readSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { RuntimeError, type SystemError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { isOpen, withPipe } from './local_peers.js';
import { BufferedEcho, Recorder, randomData, sha256, withLoop } from './peers.js';

const LARGE = 4 * 1024 * 1024;

describe('a read pipe', () => {
  leavesNothingOpen();

  it('receives bytes, then end-of-file, and is closed', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const protocol = new Recorder({ eofReceived: () => true });
      const [transport, same] = await loop.connectReadPipe(() => protocol, reading);
      equal(same, protocol);
      deepEqual(protocol.events, ['connectionMade']);
      ok(transport.isReading());
      equal(transport.getExtraInfo('pipe'), reading);
      equal(transport.getExtraInfo('peername'), undefined);
      writeSync(writing, 'one');
      await protocol.inbox.has(3);
      writeSync(writing, 'two');
      await protocol.inbox.has(6);
      closeSync(writing);
      equal(await protocol.lost, null);
      equal(protocol.inbox.text(), 'onetwo');
      // It ends although the protocol would keep it open: nothing else can come.
      deepEqual(protocol.events.slice(-2), ['eofReceived', 'connectionLost']);
      ok(transport.isClosing());
      equal(isOpen(reading), false);
    });
  });

  it('pauses and resumes, and the writer is stopped meanwhile', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const source = new Recorder();
      const sink = new Recorder({ connectionMade: (transport) => transport.pauseReading() });
      const [input] = await loop.connectReadPipe(() => sink, reading);
      const [output] = await loop.connectWritePipe(() => source, writing);
      const data = randomData(LARGE);
      let sent = 0;
      while (!source.events.includes('pauseWriting')) {
        output.write(data.subarray(sent, sent + 10_000));
        sent += 10_000;
        ok(sent < LARGE, 'nobody says stop');
        await new Promise(setImmediate);
      }
      equal(sink.inbox.size, 0);
      equal(input.isReading(), false);
      input.resumeReading();
      await sink.inbox.has(sent);
      while (!source.events.includes('resumeWriting')) await new Promise(setImmediate);
      output.write(data.subarray(sent));
      output.close();
      equal(await source.lost, null);
      equal(await sink.lost, null);
      equal(sha256(sink.inbox.bytes()), sha256(data));
    });
  });

  it('reads into the memory of a BufferedProtocol', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      let text = '';
      class Sink extends BufferedEcho {
        override bufferUpdated(size: number): void {
          text += memory.toString('latin1', 0, size);
        }
      }
      const memory = Buffer.alloc(4);
      const [transport] = await loop.connectReadPipe(() => new Sink(memory), reading);
      writeSync(writing, 'hello world');
      while (text.length < 11) await new Promise(setImmediate);
      equal(text, 'hello world');
      transport.close();
    });
  });

  it('close() ends it without end-of-file, and write() is refused', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const protocol = new Recorder();
      const [transport] = await loop.connectReadPipe(() => protocol, reading);
      throws(() => (transport as never as { write(data: string): void }).write('x'), RuntimeError);
      transport.close();
      equal(await protocol.lost, null);
      deepEqual(protocol.events, ['connectionMade', 'connectionLost']);
      throws(() => writeSync(writing, 'x'), { code: 'EPIPE' });
    });
  });

  it('reads the output of a child process, and its end when it is killed', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const child = spawn('sh', ['-c', 'echo alive; exec sleep 1000'], {
        stdio: ['ignore', writing, 'inherit'],
      });
      closeSync(writing);
      const protocol = new Recorder();
      await loop.connectReadPipe(() => protocol, reading);
      await protocol.inbox.has(6);
      equal(protocol.inbox.text(), 'alive\n');
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      equal(await protocol.lost, null);
      await exited;
    });
  });

  it('takes a FileHandle, and closes that', async () => {
    await withPipe(async ({ loop, folder, writing }) => {
      const path = join(folder, 'fifo');
      await once(spawn('mkfifo', [path]), 'exit');
      const handle = await promises.open(path, 'r+');
      const protocol = new Recorder();
      const [transport] = await loop.connectReadPipe(() => protocol, handle);
      equal(transport.getExtraInfo('pipe'), handle);
      await handle.write('hello');
      await protocol.inbox.has(5);
      transport.close();
      await protocol.lost;
      while (handle.fd >= 0) await new Promise(setImmediate);
      ok(isOpen(writing));
    });
  });
});

describe('a write pipe', () => {
  leavesNothingOpen();

  it('sends what is queued before close() ends it, as writeEof() does', async () => {
    for (const way of ['close', 'writeEof'] as const) {
      await withPipe(async ({ loop, reading, writing }) => {
        const data = randomData(LARGE);
        const sink = new Recorder();
        const source = new Recorder();
        const [output] = await loop.connectWritePipe(() => source, writing);
        ok(output.canWriteEof());
        output.write(data);
        ok(output.getWriteBufferSize() > 0);
        output[way]();
        ok(output.isClosing());
        await loop.connectReadPipe(() => sink, reading);
        equal(await source.lost, null);
        equal(await sink.lost, null);
        equal(sha256(sink.inbox.bytes()), sha256(data));
        equal(isOpen(writing), false);
      });
    }
  });

  it('abort() drops what is queued', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const source = new Recorder();
      const [output] = await loop.connectWritePipe(() => source, writing);
      output.write(Buffer.alloc(LARGE));
      output.abort();
      equal(await source.lost, null);
      let received = 0;
      const memory = Buffer.alloc(64 * 1024);
      for (let size = 1; size > 0; received += size) size = readSync(reading, memory);
      ok(received < LARGE);
    });
  });

  it('notices that the reader is gone, though it has nothing to write', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const protocol = new Recorder();
      const [transport] = await loop.connectWritePipe(() => protocol, writing);
      transport.write('never read');
      await new Promise(setImmediate);
      closeSync(reading);
      equal(await protocol.lost, null);
      deepEqual(protocol.events, ['connectionMade', 'connectionLost']);
      transport.write('into the void');
    });
  });

  it('with something left to write ends with EPIPE when the reader goes', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const protocol = new Recorder();
      const [transport] = await loop.connectWritePipe(() => protocol, writing);
      transport.write(Buffer.alloc(LARGE));
      await new Promise(setImmediate);
      closeSync(reading);
      equal(((await protocol.lost) as SystemError).code, 'EPIPE');
    });
  });

  it('to a child that is killed ends with EPIPE', async () => {
    await withPipe(async ({ loop, reading, writing }) => {
      const child = spawn('sleep', ['1000'], { stdio: [reading, 'ignore', 'inherit'] });
      closeSync(reading);
      const protocol = new Recorder();
      const [transport] = await loop.connectWritePipe(() => protocol, writing);
      transport.write(Buffer.alloc(LARGE));
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      const error = (await protocol.lost) as SystemError;
      deepEqual([error.code, error.syscall], ['EPIPE', 'write']);
      await exited;
    });
  });

  it('takes a protocol that cannot receive, and a socket', async () => {
    await withLoop(async (loop) => {
      // Node gives a child a socket for each 'pipe'.
      const child = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
      let output = '';
      child.stdout.on('data', (data) => {
        output += data;
      });
      let lost: (value: unknown) => void = () => {};
      const ended = new Promise((resolve) => {
        lost = resolve;
      });
      const protocol = { connectionMade() {}, connectionLost: (error: unknown) => lost(error) };
      const { fd } = (child.stdin as never as { _handle: { fd: number } })._handle;
      const [transport] = await loop.connectWritePipe(() => protocol as never, fd);
      (child.stdin as Socket).destroy();
      transport.writelines(['hel', 'lo']);
      transport.close();
      equal(await ended, null);
      await once(child, 'close');
      equal(output, 'hello');
    });
  });
});
