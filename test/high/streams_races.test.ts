/**
 * Streams when two things happen at once: a server and its client close in one turn, a task is cancelled while it
 * drains, a peer's process is killed.
 *
 * Guards: nobody waits for ever, nothing is lost that had arrived, and the other side of a race is unharmed.
 */

import { equal, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  CancelledError,
  createTask,
  openConnection,
  type StreamReader,
  type StreamWriter,
  sleep,
  timeout,
} from 'uvio';
import { Deferred, Peer } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { withStreamServer } from './stream_support.js';

const MEBIBYTE = 1024 * 1024;
type Ends = [reader: StreamReader, writer: StreamWriter];

describe('streams in a race', () => {
  leavesNothingOpen();

  // CPython 3.14, test_wait_closed_race: in 3.12.0 waitClosed() waited for ever
  it('a server and its last client may close in the same turn', () =>
    withStreamServer(
      async (reader, writer) => {
        await reader.read();
        writer.close();
        await writer.waitClosed();
      },
      async ({ loop, port, server }) => {
        const early = server.waitClosed();
        await sleep(0);
        equal(early.done(), false);
        const [, writer] = await openConnection('127.0.0.1', port);
        loop.callSoon(() => server.close());
        loop.callSoon(() => writer.close());
        await server.waitClosed();
        await early;
        await writer.waitClosed();
      },
    ));

  it('the client may be the one that closes first', () =>
    withStreamServer(
      async (reader, writer) => {
        await reader.read();
        writer.close();
      },
      async ({ loop, port, server }) => {
        const [, writer] = await openConnection('127.0.0.1', port);
        loop.callSoon(() => writer.close());
        loop.callSoon(() => server.close());
        await server.waitClosed();
        await writer.waitClosed();
      },
    ));

  it('a task that is cancelled while it drains cleans up, and the connection goes on', () => {
    const connected = new Deferred<Ends>();
    return withStreamServer(
      (...ends) => connected.resolve(ends),
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.pause();
        const [reader, writer] = await connected.promise;
        let cleaned = false;
        const task = createTask(async () => {
          try {
            writer.write(Buffer.alloc(16 * MEBIBYTE));
            await writer.drain();
          } finally {
            cleaned = true;
          }
        });
        await sleep(0);
        equal(task.done(), false);
        task.cancel();
        await rejects(async () => await task, CancelledError);
        equal(cleaned, true);
        peer.socket.write('still here\n');
        equal(String(await reader.readline()), 'still here\n');
        peer.socket.resume();
        await writer.drain();
        writer.write('.');
        await peer.inbox.has(16 * MEBIBYTE + 1);
        await peer.close();
      },
    );
  });

  it('a drain that takes too long is ended by timeout()', () => {
    const connected = new Deferred<StreamWriter>();
    return withStreamServer(
      (_reader, writer) => connected.resolve(writer),
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.pause();
        const writer = await connected.promise;
        writer.write(Buffer.alloc(16 * MEBIBYTE));
        const draining = timeout(5, async () => void (await writer.drain()));
        await rejects(async () => await draining, { name: 'TimeoutError' });
        equal(writer.isClosing(), false);
        writer.transport.abort();
        await peer.close();
      },
    );
  });

  it('a peer whose process is killed ends the read, and what it had sent is there', () => {
    const connected = new Deferred<Ends>();
    return withStreamServer(
      (...ends) => connected.resolve(ends),
      async ({ port }) => {
        const script = `require('node:net').connect(${port}, '127.0.0.1').write('last words')`;
        const child = spawn(process.execPath, ['--eval', `${script}; setInterval(() => {}, 9999)`]);
        const exited = once(child, 'exit');
        const [reader, writer] = await connected.promise;
        equal(String(await reader.readexactly(10)), 'last words');
        const more = reader.read();
        child.kill('SIGKILL');
        await exited;
        equal(String(await more), '');
        writer.close();
        await writer.waitClosed();
      },
    );
  });

  it('a peer whose process is killed while it is written to fails who drains', () => {
    const connected = new Deferred<StreamWriter>();
    return withStreamServer(
      (_reader, writer) => connected.resolve(writer),
      async ({ port }) => {
        const script = `require('node:net').connect(${port}, '127.0.0.1').pause()`;
        const child = spawn(process.execPath, ['--eval', `${script}; setInterval(() => {}, 9999)`]);
        const exited = once(child, 'exit');
        const writer = await connected.promise;
        const writing = async () => {
          for (;;) {
            writer.write(Buffer.alloc(MEBIBYTE));
            await writer.drain();
          }
        };
        const wrote = rejects(writing, (error: { code: string }) =>
          ['ECONNRESET', 'EPIPE'].includes(error.code),
        );
        child.kill('SIGKILL');
        await exited;
        await wrote;
      },
    );
  });
});
