/**
 * Flow control: when a protocol is told to stop writing, and that the queue stays bounded if it does.
 *
 * asyncio's contract: pauseWriting once the buffer passes the high-water mark, resumeWriting once it
 * has fallen to the low one, always in turns. Each side here obeys, so memory must not grow.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Transport, WriteBufferLimits } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { connectPair, Peer, Recorder, randomData, withServer } from './peers.js';

const MEBIBYTE = 1024 * 1024;

/** Runs `body` with the transport of a connection whose peer does not read. */
function withTransport(
  body: (transport: Transport, server: Recorder, peer: Peer) => unknown,
): Promise<void> {
  const server = new Recorder();
  return withServer(
    () => server,
    async ({ port }) => {
      const peer = await Peer.connect(port);
      peer.socket.pause();
      await body(await server.made, server, peer);
      await peer.close();
    },
  );
}

/** Fills the kernel's buffers until the transport has to queue, more than the default mark. */
function fill(transport: Transport): void {
  while (transport.getWriteBufferSize() <= 64 * 1024) transport.write(Buffer.alloc(MEBIBYTE));
}

/** Done when the transport has nothing left to send. */
async function drained(transport: Transport): Promise<void> {
  while (transport.getWriteBufferSize() > 0) await new Promise(setImmediate);
}

describe('flow control', () => {
  leavesNothingOpen();

  for (const piece of [1000, 20_000, 300_000]) {
    it(`100 MiB in pieces of ${piece} bytes keep the queue near the high-water mark`, async () => {
      const total = 100 * MEBIBYTE;
      const data = randomData(MEBIBYTE);
      const sent = createHash('sha256');
      let left = total;
      let paused = false;
      let largest = 0;
      const pump = (transport: Transport) => {
        while (!paused && left > 0) {
          const part = data.subarray(0, Math.min(piece, left));
          left -= part.length;
          sent.update(part);
          transport.write(part);
          largest = Math.max(largest, transport.getWriteBufferSize());
        }
        if (left === 0) transport.close();
      };
      const server = new Recorder({
        connectionMade: pump,
        pauseWriting() {
          paused = true;
        },
        resumeWriting(transport) {
          paused = false;
          pump(transport);
        },
      });
      await withServer(
        () => server,
        async ({ port }) => {
          const peer = await Peer.connect(port);
          const received = createHash('sha256');
          let size = 0;
          peer.socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
            received.update(chunk);
            size += chunk.length;
            if (size % 7 !== 0) return;
            peer.socket.pause();
            setImmediate(() => peer.socket.resume());
          });
          await peer.ended;
          equal(size, total);
          equal(received.digest('hex'), sent.digest('hex'));
          equal(await server.lost, null);
          await peer.close();
        },
      );
      ok(largest <= 64 * 1024 + piece, `the queue grew to ${largest} bytes`);
      const marks = server.events.filter((event) => event.endsWith('Writing'));
      ok(marks.length > 10, 'it was hardly ever paused: not the case to test');
      for (const [index, mark] of marks.entries()) {
        equal(mark, index % 2 === 0 ? 'pauseWriting' : 'resumeWriting');
      }
    });
  }

  it('a peer that never reads pauses the writer once, and it is never resumed', () =>
    withTransport(async (transport, server) => {
      fill(transport);
      const size = transport.getWriteBufferSize();
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      transport.write('more');
      deepEqual(server.events, ['connectionMade', 'pauseWriting']);
      equal(transport.getWriteBufferSize(), size + 4);
    }));

  it('pauseWriting comes when the mark is passed, not when it is reached', () =>
    withTransport(async (transport, server, peer) => {
      transport.setWriteBufferLimits({ high: 64 * MEBIBYTE, low: 100 });
      fill(transport);
      equal(server.events.includes('pauseWriting'), false);
      const queued = transport.getWriteBufferSize();
      transport.setWriteBufferLimits({ high: queued + 1000, low: 100 });
      transport.write(Buffer.alloc(1000));
      await new Promise(setImmediate);
      deepEqual(
        [server.events.includes('pauseWriting'), transport.getWriteBufferSize()],
        [false, queued + 1000],
      );
      transport.write('x');
      await new Promise(setImmediate);
      equal(server.events.at(-1), 'pauseWriting');
      peer.socket.resume();
      await drained(transport);
      deepEqual(server.events, ['connectionMade', 'pauseWriting', 'resumeWriting']);
    }));

  it('marks of zero pause at every queued byte and resume when all have left', () =>
    withTransport(async (transport, server, peer) => {
      transport.setWriteBufferLimits({ high: 0 });
      deepEqual(transport.getWriteBufferLimits(), [0, 0]);
      transport.write('taken by the kernel at once');
      await new Promise(setImmediate);
      equal(server.events.includes('pauseWriting'), false);
      fill(transport);
      equal(server.events.at(-1), 'pauseWriting');
      peer.socket.resume();
      await drained(transport);
      equal(server.events.at(-1), 'resumeWriting');
    }));

  it('setting lower marks pauses at once, when the buffer is above them', () =>
    withTransport((transport, server) => {
      transport.setWriteBufferLimits({ high: 64 * MEBIBYTE });
      fill(transport);
      equal(server.events.length, 1);
      transport.setWriteBufferLimits({ high: 1 });
      deepEqual(server.events, ['connectionMade', 'pauseWriting']);
      transport.setWriteBufferLimits({ high: 2 });
      deepEqual(server.events, ['connectionMade', 'pauseWriting']);
    }));

  it('the marks are 64 KiB and a quarter of it; each follows from the other', () =>
    withTransport((transport) => {
      const limits = (given?: WriteBufferLimits) => {
        transport.setWriteBufferLimits(given);
        return transport.getWriteBufferLimits();
      };
      deepEqual(transport.getWriteBufferLimits(), [16_384, 65_536]);
      deepEqual(limits({ high: 1000 }), [250, 1000]);
      deepEqual(limits({ low: 1000 }), [1000, 4000]);
      deepEqual(limits({ low: 5, high: 6 }), [5, 6]);
      deepEqual(limits({ low: 6, high: 6 }), [6, 6]);
      deepEqual(limits({ low: 0 }), [0, 0]);
      deepEqual(limits({ high: 3 }), [0, 3]);
      deepEqual(limits({}), [16_384, 65_536]);
      deepEqual(limits(), [16_384, 65_536]);
      deepEqual(limits({ high: undefined, low: undefined }), [16_384, 65_536]);
    }));

  it('bad marks are refused by name and change nothing', () =>
    withTransport((transport) => {
      const bad: [unknown, string, RegExp][] = [
        [{ high: -1 }, 'RangeError', /^high must be/],
        [{ low: -1 }, 'RangeError', /^low must be/],
        [{ high: 10, low: 11 }, 'RangeError', /^low must be at most high \(10\)/],
        [{ low: 65_537, high: 65_536 }, 'RangeError', /^low must be/],
        [{ high: 1.5 }, 'RangeError', /^high must be/],
        [{ high: Number.NaN }, 'RangeError', /^high must be/],
        [{ low: Number.POSITIVE_INFINITY }, 'RangeError', /^low must be/],
        [{ high: '10' }, 'TypeError', /^high must be/],
        [{ low: null }, 'TypeError', /^low must be/],
        [{ high: 10n }, 'TypeError', /^high must be/],
        [5, 'TypeError', /^limits must be/],
        [null, 'TypeError', /^limits must be/],
      ];
      for (const [limits, name, message] of bad) {
        throws(() => transport.setWriteBufferLimits(limits as never), { name, message });
        deepEqual(transport.getWriteBufferLimits(), [16_384, 65_536]);
      }
    }));

  it('two sides that write without reading both pause, and both finish once they read', async () => {
    const made: Recorder[] = [];
    const make = () => made[made.push(new Recorder()) - 1] as Recorder;
    await withServer(make, async (on) => {
      const [server, client] = await connectPair(on, made);
      const sides = [server, client];
      const size = 16 * MEBIBYTE;
      for (const side of sides) side.transport.pauseReading();
      for (const side of sides) side.transport.write(Buffer.alloc(size));
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      for (const side of sides) deepEqual(side.events, ['connectionMade', 'pauseWriting']);
      for (const side of sides) side.transport.resumeReading();
      await Promise.all(sides.map((side) => side.inbox.has(size)));
      for (const side of sides) ok(side.events.includes('resumeWriting'));
      client.transport.close();
      equal(await server.lost, null);
    });
  });

  it('a transport that is lost while paused is not resumed', () =>
    withTransport(async (transport, server) => {
      fill(transport);
      transport.abort();
      equal(await server.lost, null);
      deepEqual(server.events, ['connectionMade', 'pauseWriting', 'connectionLost']);
    }));
});
