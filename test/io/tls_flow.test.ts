/**
 * Flow control of TLS: a slow reader behind a fast writer, on either side, keeps memory within the marks.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import {
  BufferedEcho,
  Deferred,
  Echo,
  Peer,
  portOf,
  Recorder,
  randomData,
  sha256,
} from './peers.js';
import { TlsPeer, TRUST, withBothEngines, withTlsServer } from './tls_peers.js';

const HIGH = 64 * 1024;
const CHUNK = 16 * 1024;

/** Writes chunks for as long as it may. */
class Source extends Recorder {
  most = 0;
  sent = 0;

  constructor(readonly chunks: number) {
    super({ connectionMade: () => this.#produce(), resumeWriting: () => this.#produce() });
  }

  #produce(): void {
    const { transport } = this;
    while (this.sent < this.chunks && this.events.at(-1) !== 'pauseWriting') {
      transport.write(Buffer.alloc(CHUNK, this.sent++));
      this.most = Math.max(this.most, transport.getWriteBufferSize());
    }
    if (this.sent === this.chunks) transport.close();
  }
}

/** An echo that reads no faster than it can write. */
class SteadyEcho extends Echo {
  override pauseWriting(): void {
    this.transport.pauseReading();
  }

  override resumeWriting(): void {
    this.transport.resumeReading();
  }
}

describe('flow control of TLS', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    it('a slow reader stops a fast writer at its mark', () => {
      const source = new Source(2000);
      return withTlsServer(
        () => source,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          peer.socket.pause();
          await source.made;
          // Until the kernel takes no more.
          for (let still = 0, sent = 0; still < 200; still = sent === source.sent ? still + 1 : 0) {
            sent = source.sent;
            await new Promise(setImmediate);
          }
          ok(source.sent < source.chunks);
          equal(source.events.at(-1), 'pauseWriting');
          peer.socket.resume();
          await peer.inbox.has(2000 * CHUNK);
          // The mark and one write on top of it; Node's streams count some bytes twice for a while.
          ok(source.most <= 2 * HIGH, `${source.most} bytes were queued`);
          equal(source.events.filter((event) => event === 'connectionLost').length, 0);
          await source.lost;
          await peer.close();
        },
      );
    });

    it('the marks are set for both layers, and asked for', () => {
      const server = new Recorder();
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          const transport = await server.made;
          deepEqual(transport.getWriteBufferLimits(), [HIGH / 4, HIGH]);
          transport.setWriteBufferLimits({ high: 1000 });
          deepEqual(transport.getWriteBufferLimits(), [250, 1000]);
          peer.socket.pause();
          let written = 0;
          while (!server.events.includes('pauseWriting')) {
            transport.write(Buffer.alloc(CHUNK));
            written += CHUNK;
            await new Promise(setImmediate);
          }
          ok(transport.getWriteBufferSize() > 1000);
          equal(server.events.includes('resumeWriting'), false);
          peer.socket.resume();
          await peer.inbox.has(written);
          while (!server.events.includes('resumeWriting')) await new Promise(setImmediate);
          ok(transport.getWriteBufferSize() <= 250);
          await peer.close();
          await server.lost;
        },
      );
    });

    it('a transport that is paused reads no more than one read ahead', () => {
      const server: Recorder = new Recorder({
        dataReceived(_data, transport) {
          transport.pauseReading();
        },
      });
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          const data = randomData(3_000_000);
          peer.socket.write(data);
          await server.inbox.has(1);
          for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
          const first = server.inbox.size;
          ok(first <= 2 * HIGH, `${first} bytes came while reading was paused`);
          equal(server.transport.isReading(), false);
          let calls = 0;
          while (server.inbox.size < data.length) {
            const before = server.inbox.size;
            server.transport.resumeReading();
            equal(server.transport.isReading(), true);
            await server.inbox.has(before + 1);
            calls++;
          }
          ok(calls > 10);
          equal(sha256(server.inbox.chunks), sha256(data));
          await peer.close();
        },
      );
    });

    it('the peer’s goodbye waits behind what is not read yet', () => {
      const paused = new Deferred<Transport>();
      const server: Recorder = new Recorder({
        connectionMade(transport) {
          transport.pauseReading();
          paused.resolve(transport);
        },
      });
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          const transport = await paused.promise;
          peer.socket.end('last words');
          for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
          deepEqual(server.events, ['connectionMade']);
          transport.resumeReading();
          await server.lost;
          deepEqual(server.events.slice(1), ['dataReceived', 'eofReceived', 'connectionLost']);
          equal(server.inbox.text(), 'last words');
          await peer.closed;
        },
      );
    });

    it('two of ours that echo to each other under pressure lose nothing', () =>
      withTlsServer(
        () => new SteadyEcho(),
        async ({ loop, port }) => {
          const data = randomData(8_000_000);
          const client: Recorder = new Recorder({
            dataReceived(_data, transport) {
              transport.pauseReading();
              loop.callSoon(() => transport.resumeReading());
            },
          });
          const options = { family: 4 as const, ssl: TRUST };
          const [transport] = await loop.createConnection(() => client, 'localhost', port, options);
          transport.write(data);
          await client.inbox.has(data.length);
          equal(sha256(client.inbox.chunks), sha256(data));
          transport.close();
          await client.lost;
        },
      ));

    it('what a BufferedProtocol passes on to a plain transport is not overwritten by what comes next', () => {
      const memory = Buffer.alloc(64 * 1024);
      const sink = new Recorder();
      let queued = false;
      class Forward extends BufferedEcho {
        override bufferUpdated(size: number): void {
          sink.transport.write(memory.subarray(0, size));
          if (sink.transport.getWriteBufferSize() > 0) queued = true;
        }
      }
      return withTlsServer(
        () => new Forward(memory),
        async ({ loop, port }) => {
          const plain = await loop.createServer(() => sink, '127.0.0.1', 0);
          const receiver = await Peer.connect(portOf(plain));
          receiver.socket.pause();
          await sink.made;
          const sender = await TlsPeer.secure(port);
          const data = randomData(16_000_000);
          sender.socket.write(data);
          while (!queued) await new Promise(setImmediate);
          // More comes in while it waits in the queue.
          for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
          receiver.socket.resume();
          await receiver.inbox.has(data.length);
          equal(sha256(receiver.inbox.chunks), sha256(data));
          await Promise.all([sender.close(), receiver.close()]);
          plain.close();
          await plain.waitClosed();
        },
      );
    });
  });
});
