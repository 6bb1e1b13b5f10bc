/**
 * How a connection ends: close, abort, end-of-file in either direction, a peer that resets it.
 *
 * Answers to asyncio's contract of transports. Guards: close() sends what is queued and abort() drops
 * it; connectionLost comes once, last, with null for an ordered end and the system's error otherwise;
 * a half-closed connection still carries bytes the other way.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { RuntimeError, type SystemError, type Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { connectPair, Peer, Recorder, randomData, sha256, withServer } from './peers.js';

const LARGE = 8 * 1024 * 1024;

describe('the end of a connection', () => {
  leavesNothingOpen();

  it('close() with writes queued sends every byte first', async () => {
    const data = randomData(LARGE);
    const server = new Recorder({
      connectionMade(transport) {
        transport.write(data);
        ok(transport.getWriteBufferSize() > 0, 'the kernel took it all: not the case to test');
        transport.write('and the tail');
        transport.close();
        ok(transport.isClosing());
      },
    });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        await peer.ended;
        equal(peer.inbox.size, LARGE + 12);
        equal(sha256(peer.inbox.bytes()), sha256([data, Buffer.from('and the tail')]));
        equal(await server.lost, null);
        await peer.close();
      },
    );
    deepEqual(server.events, ['connectionMade', 'pauseWriting', 'resumeWriting', 'connectionLost']);
  });

  it('abort() with writes queued drops them and ends with null', async () => {
    const server = new Recorder({
      connectionMade(transport) {
        transport.write(Buffer.alloc(LARGE));
        transport.abort();
        ok(transport.isClosing());
      },
    });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        equal(await server.lost, null);
        await peer.closed;
        ok(peer.inbox.size < LARGE);
      },
    );
    equal(server.events.at(-1), 'connectionLost');
  });

  it('abort() after close() with writes queued gives up waiting for the peer', async () => {
    const server = new Recorder();
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.pause();
        const transport = await server.made;
        transport.write(Buffer.alloc(LARGE));
        transport.close();
        transport.abort();
        equal(await server.lost, null);
        await peer.close();
      },
    );
  });

  it('close() and abort() are no-ops on a connection that has ended', async () => {
    const server = new Recorder();
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        await peer.close();
        await server.lost;
        for (let round = 0; round < 3; round++) {
          server.transport.close();
          server.transport.abort();
          server.transport.pauseReading();
          server.transport.resumeReading();
          server.transport.writeEof();
        }
        await new Promise(setImmediate);
      },
    );
    deepEqual(server.events, ['connectionMade', 'eofReceived', 'connectionLost']);
  });

  it('a peer that resets the connection in the middle of a write ends it with an error', async () => {
    const server = new Recorder({
      connectionMade: (transport) => transport.write(Buffer.alloc(LARGE)),
    });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        await peer.inbox.has(1);
        peer.socket.resetAndDestroy();
        const error = (await server.lost) as SystemError;
        ok(['ECONNRESET', 'EPIPE'].includes(error.code), error.code);
        ok(['read', 'write'].includes(error.syscall), error.syscall);
        await peer.closed;
      },
    );
    equal(server.events.filter((event) => event === 'connectionLost').length, 1);
  });

  it('a peer that resets an idle connection ends it with ECONNRESET', async () => {
    const server = new Recorder();
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        await server.made;
        peer.socket.resetAndDestroy();
        const error = (await server.lost) as SystemError;
        equal(error.code, 'ECONNRESET');
        equal(error.syscall, 'read');
        ok(error.errno < 0);
        await peer.closed;
      },
    );
    deepEqual(server.events, ['connectionMade', 'connectionLost']);
  });

  it('writes after the loss of the connection are dropped', async () => {
    const server = new Recorder({
      connectionLost(_error, transport) {
        transport.write('too late');
      },
    });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        const transport = await server.made;
        transport.close();
        transport.write('after close()');
        equal(transport.getWriteBufferSize(), 0);
        await peer.ended;
        await server.lost;
        transport.write('after connectionLost()');
        equal(transport.getWriteBufferSize(), 0);
        equal(peer.inbox.size, 0);
        await peer.close();
      },
    );
  });

  it("the peer's end-of-file closes the connection, and what was written leaves", async () => {
    const data = randomData(LARGE);
    const server = new Recorder({ connectionMade: (transport) => transport.write(data) });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port, { allowHalfOpen: true });
        peer.socket.end();
        await peer.ended;
        equal(sha256(peer.inbox.bytes()), sha256(data));
        equal(await server.lost, null);
        await peer.closed;
      },
    );
    ok(server.events.includes('eofReceived'));
  });

  it('eofReceived returning true keeps the way to the peer open', async () => {
    const server = new Recorder({ eofReceived: () => true });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port, { allowHalfOpen: true });
        peer.socket.end('question');
        await server.ended;
        const { transport } = server;
        equal(transport.isClosing(), false);
        equal(transport.isReading(), false);
        equal(server.inbox.text(), 'question');
        for (const word of ['one ', 'two ', 'three']) {
          await new Promise(setImmediate);
          transport.write(word);
        }
        await peer.inbox.has(13);
        transport.close();
        await peer.ended;
        equal(peer.inbox.text(), 'one two three');
        await peer.closed;
        equal(await server.lost, null);
      },
    );
    deepEqual(server.events, ['connectionMade', 'dataReceived', 'eofReceived', 'connectionLost']);
  });

  it('writeEof() sends what is queued, then end-of-file, and reading goes on', async () => {
    const data = randomData(LARGE);
    const server = new Recorder({
      connectionMade(transport) {
        ok(transport.canWriteEof());
        transport.write(data);
        transport.writeEof();
        transport.writeEof();
      },
    });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port, { allowHalfOpen: true });
        await peer.ended;
        equal(sha256(peer.inbox.bytes()), sha256(data));
        equal(server.transport.isClosing(), false);
        peer.socket.end('goodbye');
        equal(await server.lost, null);
        equal(server.inbox.text(), 'goodbye');
        await peer.closed;
      },
    );
  });

  it('write() after writeEof() throws RuntimeError, of no bytes as well', async () => {
    const made: Recorder[] = [];
    const make = () => made[made.push(new Recorder({ eofReceived: () => true })) - 1] as Recorder;
    await withServer(make, async (on) => {
      const [server, client] = await connectPair(on, made);
      client.transport.writeEof();
      const late = (transport: Transport, data: string) =>
        throws(() => transport.write(data), RuntimeError);
      late(client.transport, 'late');
      late(client.transport, '');
      throws(() => client.transport.writelines(['late']), RuntimeError);
      await server.ended;
      server.transport.write('still heard');
      await client.inbox.has(11);
      client.transport.close();
      equal(await client.lost, null);
      server.transport.close();
      await server.lost;
    });
  });

  it('both sides half-close and both get every byte', async () => {
    const made: Recorder[] = [];
    const finish = (transport: Transport) => {
      transport.write('bye');
      transport.writeEof();
    };
    const make = () => made[made.push(new Recorder({ connectionMade: finish })) - 1] as Recorder;
    await withServer(make, async (on) => {
      const client = new Recorder({ connectionMade: finish });
      const [server] = await connectPair(on, made, client);
      deepEqual(await Promise.all([server.lost, client.lost]), [null, null]);
      deepEqual([server.inbox.text(), client.inbox.text()], ['bye', 'bye']);
    });
  });
});
