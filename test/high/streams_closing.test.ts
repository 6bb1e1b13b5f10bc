/**
 * How connections of streams end: half-close, close with unread bytes, a peer that vanishes, a server that stops.
 *
 * Guards: a reader ends or fails exactly once and keeps what came before; who writes to a lost connection
 * hears of it from drain().
 */

import { deepEqual, equal, rejects } from 'node:assert/strict';
import {
  openConnection,
  type StreamReader,
  type StreamWriter,
  type SystemError,
  sleep,
  waitFor,
} from 'uvio';
import { Deferred, Peer } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { type StreamServer, withStreamServer } from './stream_support.js';

type Ends = [reader: StreamReader, writer: StreamWriter];

/** A connection between a peer on node:net and the two ends of a stream on the server. */
function withConnection(
  body: (peer: Peer, ends: Ends, on: StreamServer) => Promise<void>,
): Promise<void> {
  const connected = new Deferred<Ends>();
  return withStreamServer(
    (reader, writer) => connected.resolve([reader, writer]),
    async (on) => {
      const peer = await Peer.connect(on.port, { allowHalfOpen: true });
      await body(peer, await connected.promise, on);
      await peer.close();
    },
  );
}

const resets = (error: SystemError) => error.code === 'ECONNRESET' || error.code === 'EPIPE';

describe('the end of a stream', () => {
  leavesNothingOpen();

  it('a peer that sends no more can still be written to', () =>
    withConnection(async (peer, [reader, writer]) => {
      peer.socket.end('last words');
      equal(String(await reader.read()), 'last words');
      equal(reader.atEof(), true);
      equal(writer.isClosing(), false);
      writer.write('answer');
      await writer.drain();
      writer.writeEof();
      await peer.ended;
      equal(peer.inbox.text(), 'answer');
      writer.close();
      await writer.waitClosed();
    }));

  it('who sends no more can still read', () =>
    withConnection(async (peer, [reader, writer]) => {
      writer.writeEof();
      await peer.ended;
      peer.socket.end('more');
      equal(String(await reader.read()), 'more');
      writer.close();
      await writer.waitClosed();
    }));

  // CPython 3.14, test_eof_feed_when_closing_writer
  it('closing the writer ends the reader', () =>
    withConnection(async (_peer, [reader, writer]) => {
      const reads = reader.read(9);
      writer.close();
      await writer.waitClosed();
      equal(String(await reads), '');
      equal(reader.atEof(), true);
      equal(String(await reader.readline()), '');
    }));

  // CPython 3.14, test_wait_closed_on_close and test_wait_closed_on_close_with_unread_data
  it('waitClosed() ends with unread bytes left, and as often as it is called', () =>
    withConnection(async (peer, [reader, writer]) => {
      peer.socket.write('one\ntwo\n');
      equal(String(await reader.readline()), 'one\n');
      const waits = [writer.waitClosed(), writer.waitClosed()];
      equal(waits[0]?.cancel(), true);
      writer.close();
      await waits[1];
      await writer.waitClosed();
      equal(String(await reader.readline()), 'two\n');
    }));

  it('a peer that vanishes fails the read, waitClosed() and drain()', () =>
    withConnection(async (peer, [reader, writer]) => {
      peer.socket.write('before');
      equal(String(await reader.readexactly(6)), 'before');
      const reads = reader.readexactly(1);
      peer.socket.resetAndDestroy();
      await rejects(reads, { code: 'ECONNRESET', syscall: 'read' });
      await rejects(writer.waitClosed(), { code: 'ECONNRESET', syscall: 'read' });
      await rejects(Promise.resolve(writer.drain()), { code: 'ECONNRESET', syscall: 'read' });
      await rejects(reader.read(1), { code: 'ECONNRESET' });
      equal((reader.exception() as SystemError).code, 'ECONNRESET');
    }));

  it('drain() on a closed connection fails with ECONNRESET', () =>
    withConnection(async (_peer, [, writer]) => {
      writer.close();
      await writer.waitClosed();
      await rejects(Promise.resolve(writer.drain()), {
        message: 'Connection lost',
        code: 'ECONNRESET',
        syscall: 'write',
      });
    }));

  // CPython 3.14, test_drain_raises: what only writes must hear of the end
  it('a loop of write() and drain() ends when the connection does', () =>
    withConnection(async (peer, [, writer]) => {
      peer.socket.resetAndDestroy();
      const writes = async () => {
        for (;;) {
          writer.write('more and more');
          await writer.drain();
          await sleep(0);
        }
      };
      await rejects(writes(), resets);
    }));

  it('drain() while closing lets the loop tell of the end', () =>
    withConnection(async (_peer, [, writer]) => {
      writer.close();
      await rejects(Promise.resolve(writer.drain()), { code: 'ECONNRESET' });
    }));

  it('an error while drain() waits fails all who wait', () =>
    withConnection(async (peer, [, writer]) => {
      peer.socket.pause();
      writer.write(Buffer.alloc(16 * 1024 * 1024));
      const drains = [writer.drain(), writer.drain()];
      peer.socket.resetAndDestroy();
      for (const drain of drains) await rejects(Promise.resolve(drain), resets);
    }));

  it('await using closes and waits, and does not throw what ended the connection', () =>
    withConnection(async (peer, [reader, writer]) => {
      const work = async () => {
        await using _ = writer;
        peer.socket.resetAndDestroy();
        await reader.read(1);
      };
      await rejects(work(), { code: 'ECONNRESET', name: 'Error' });
      equal(writer.isClosing(), true);
    }));

  it('await using sends what was written', () =>
    withConnection(async (peer, [, writer]) => {
      {
        await using _ = writer;
        writer.write('written');
      }
      await peer.ended;
      equal(peer.inbox.text(), 'written');
    }));

  it('a server that is closed keeps its connections, and waits for them', () =>
    withConnection(async (peer, [reader, writer], { server }) => {
      server.close();
      const closed = server.waitClosed();
      peer.socket.write('still there\n');
      equal(String(await reader.readline()), 'still there\n');
      writer.write('yes');
      await peer.inbox.has(3);
      equal(closed.done(), false);
      writer.close();
      await closed;
    }));

  it('abortClients() ends readers and writers', () =>
    withConnection(async (_peer, [reader, writer], { server }) => {
      const reads = reader.readline();
      server.close();
      server.abortClients();
      equal(String(await reads), '');
      await writer.waitClosed();
      await server.waitClosed();
    }));

  it('a read that is cancelled or times out leaves the connection as it was', () =>
    withConnection(async (peer, [reader, writer]) => {
      await rejects(waitFor(reader.readline(), 1), { name: 'TimeoutError' });
      const reads = reader.readline();
      reads.cancel();
      await rejects(reads, { name: 'CancelledError' });
      peer.socket.write('line\n');
      equal(String(await reader.readline()), 'line\n');
      equal(writer.isClosing(), false);
    }));

  it('both ends of a stream close in order', () => {
    const order: string[] = [];
    return withStreamServer(
      async (reader, writer) => {
        order.push(String(await reader.read()));
        writer.write('bye');
        writer.close();
        await writer.waitClosed();
        order.push('server closed');
      },
      async ({ port }) => {
        const [reader, writer] = await openConnection('127.0.0.1', port);
        writer.write('hello');
        writer.writeEof();
        order.push(String(await reader.read()));
        writer.close();
        await writer.waitClosed();
        deepEqual(order.sort(), ['bye', 'hello', 'server closed']);
      },
    );
  });
});
