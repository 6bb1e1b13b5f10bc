/**
 * What a protocol receives: memory that stays its own, and pauses.
 *
 * Guards: reads share a region that is never rewound, so a kept Buffer never changes; no byte is lost
 * or told twice when reading is paused and resumed.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { EventLoop } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Peer, Recorder, randomData, sha256, withServer } from './peers.js';

/** Turns of the loop, not of Node's, each of which polls: what was to be told would have been. */
async function turnsOf(loop: EventLoop): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise<void>((resolve) => loop.callSoon(() => resolve()));
  }
}

describe('reading', () => {
  leavesNothingOpen();

  it('50 MiB of kept Buffers hold what they held when they arrived', async () => {
    const size = 50 * 1024 * 1024;
    const data = randomData(size);
    const server = new Recorder();
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        // Pieces of every size, so that regions are cut in every way.
        let sent = 0;
        for (let index = 0; sent < size; index++) {
          const end = Math.min(size, sent + ((index * 7919) % 150_000) + 1);
          if (!peer.socket.write(data.subarray(sent, end))) {
            await new Promise((resolve) => peer.socket.once('drain', resolve));
          }
          sent = end;
        }
        await server.inbox.has(size);
        await peer.close();
      },
    );
    equal(sha256(server.inbox.chunks), sha256(data));
  });

  it('a Buffer that arrived is not touched by what arrives on other connections', async () => {
    const made: Recorder[] = [];
    const make = () => made[made.push(new Recorder()) - 1] as Recorder;
    await withServer(make, async ({ port }) => {
      const peers = await Promise.all(Array.from({ length: 20 }, () => Peer.connect(port)));
      for (let round = 0; round < 50; round++) {
        for (const [index, peer] of peers.entries()) {
          peer.socket.write(Buffer.alloc(index * 100 + 1, index + 1));
        }
        await new Promise(setImmediate);
      }
      for (const peer of peers) peer.socket.end();
      await Promise.all(peers.map((peer) => peer.closed));
      await Promise.all(made.map((protocol) => protocol.lost));
    });
    const sizes = made.map((protocol) => {
      const bytes = protocol.inbox.bytes();
      const value = bytes[0] as number;
      ok(bytes.equals(Buffer.alloc(bytes.length, value)), `a stranger's bytes among the ${value}s`);
      equal(bytes.length, 50 * ((value - 1) * 100 + 1));
      return bytes.length;
    });
    equal(new Set(sizes).size, 20);
  });

  it('the Buffer is writable, and the next ones do not see it', async () => {
    const server = new Recorder({ dataReceived: (data) => void data.fill(0) });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.write('first');
        await server.inbox.has(5);
        peer.socket.write('second');
        await server.inbox.has(11);
        deepEqual(server.inbox.bytes(), Buffer.alloc(11));
        await peer.close();
      },
    );
  });

  it('pauseReading() inside connectionMade keeps everything until resumeReading()', async () => {
    const server = new Recorder({
      connectionMade(transport) {
        transport.pauseReading();
        equal(transport.isReading(), false);
      },
    });
    await withServer(
      () => server,
      async ({ loop, port }) => {
        const peer = await Peer.connect(port);
        await server.made;
        const data = randomData(1024 * 1024);
        peer.socket.write(data);
        await turnsOf(loop);
        equal(server.inbox.size, 0);
        const transport = server.transport;
        transport.pauseReading();
        transport.resumeReading();
        transport.resumeReading();
        ok(transport.isReading());
        await server.inbox.has(data.length);
        equal(sha256(server.inbox.bytes()), sha256(data));
        await peer.close();
      },
    );
  });

  it('pauseReading() inside dataReceived is obeyed at once, and no byte is lost', async () => {
    const data = randomData(4 * 1024 * 1024);
    const server = new Recorder({
      dataReceived: (_data, transport) => transport.pauseReading(),
    });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.write(data);
        let resumed = 0;
        for (let seen = 0; seen < data.length; resumed++) {
          await server.inbox.has(seen + 1);
          const { chunks } = server.inbox;
          equal(chunks.length, resumed + 1, 'a second Buffer came while paused');
          for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
          equal(chunks.length, resumed + 1);
          seen = server.inbox.size;
          server.transport.resumeReading();
        }
        equal(sha256(server.inbox.bytes()), sha256(data));
        await peer.close();
      },
    );
  });

  it('pauseReading() and resumeReading() in one callback change nothing', async () => {
    const server = new Recorder({
      dataReceived(_data, transport) {
        transport.pauseReading();
        transport.resumeReading();
      },
    });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        const data = randomData(3 * 1024 * 1024);
        peer.socket.end(data);
        equal(await server.lost, null);
        equal(sha256(server.inbox.bytes()), sha256(data));
        await peer.closed;
      },
    );
  });

  it('a connection whose reading is paused does not see the end-of-file until it resumes', async () => {
    const server = new Recorder({ connectionMade: (transport) => transport.pauseReading() });
    await withServer(
      () => server,
      async ({ loop, port }) => {
        const peer = await Peer.connect(port, { allowHalfOpen: true });
        await server.made;
        peer.socket.end('last words');
        await turnsOf(loop);
        deepEqual(server.events, ['connectionMade']);
        server.transport.resumeReading();
        equal(await server.lost, null);
        equal(server.inbox.text(), 'last words');
        await peer.closed;
      },
    );
  });
});
