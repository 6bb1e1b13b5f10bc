/**
 * How a stream of toDuplex() ends: half-close, end(), destroy(), a peer that vanishes, a loop that is closed.
 *
 * Guards: 'close' comes once and an error at most once before it, whoever ended the connection; nothing that was
 * written before end() is lost.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import {
  Future,
  newEventLoop,
  openConnection,
  Protocol,
  type StreamPair,
  startServer,
  type Transport,
  toDuplex,
} from 'uvio';
import { Deferred, Peer, portOf, Recorder, randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { closed, eventsOf, withConnection } from './duplex_support.js';
import { inTask } from './stream_support.js';

describe('the end of a stream of toDuplex()', () => {
  leavesNothingOpen();

  it('follows the end of the peer, like a net.Socket', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      peer.socket.end();
      duplex.resume();
      await peer.ended;
      await closed(duplex);
      deepEqual(events, ['end', 'finish', 'close']);
    }));

  it('comes to those who never read when there is nothing to read', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair);
      peer.socket.end();
      await closed(duplex);
    }));

  it('waits for end() with allowHalfOpen', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair, { allowHalfOpen: true });
      peer.socket.end('question');
      equal(String(await readAllOpen(duplex)), 'question');
      equal(duplex.readyState, 'writeOnly');
      duplex.end('answer');
      await peer.ended;
      equal(peer.inbox.text(), 'answer');
      await closed(duplex);
    }));

  it('end() sends all that was written, then the end, to a peer that reads late', () =>
    withConnection(async ({ peer, pair }) => {
      peer.socket.pause();
      const data = randomData(6 * 1024 * 1024);
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      duplex.end(data);
      peer.socket.end();
      duplex.resume();
      await new Promise((resolve) => duplex.once('end', resolve));
      equal(duplex.writableFinished, false);
      peer.socket.resume();
      await peer.ended;
      await closed(duplex);
      equal(sha256(peer.inbox.chunks), sha256(data));
      deepEqual(events, ['end', 'finish', 'close']);
    }));

  it('destroySoon() sends what was written first', () =>
    withConnection(async ({ peer, pair }) => {
      const data = randomData(6 * 1024 * 1024);
      const duplex = toDuplex(pair);
      duplex.write(data);
      duplex.destroySoon();
      await peer.ended;
      await closed(duplex);
      equal(sha256(peer.inbox.chunks), sha256(data));
    }));

  it('destroy() drops what has not left, and tells whoever wrote it', () =>
    withConnection(async ({ peer, pair }) => {
      peer.socket.pause();
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      const failures: string[] = [];
      while (duplex.writableLength === 0) {
        duplex.write(randomData(100_000), (error) => error && failures.push('current'));
        await new Promise(setImmediate);
      }
      duplex.write('later', (error) => error && failures.push('queued'));
      duplex.destroy();
      await closed(duplex);
      deepEqual(events, ['close']);
      deepEqual(failures, ['current', 'queued']);
      peer.socket.resume();
      await peer.ended;
    }));

  it('destroy() sends what the kernel takes of what was just written', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair);
      duplex.write('good');
      duplex.write('bye');
      duplex.destroy();
      await peer.ended;
      equal(peer.inbox.text(), 'goodbye');
      await closed(duplex);
    }));

  it('destroy(error) emits that error, once', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      duplex.destroy(new RangeError('enough'));
      duplex.destroy(new Error('again'));
      await closed(duplex);
      deepEqual(events, ['error RangeError', 'close']);
      await peer.ended;
    }));

  it('a peer that resets the connection is one error', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      peer.socket.resetAndDestroy();
      await closed(duplex);
      deepEqual(events, ['error ECONNRESET', 'close']);
    }));

  it('closing by the server is no error', () =>
    withConnection(async ({ pair, server }) => {
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      server.abortClients();
      await closed(duplex);
      deepEqual(events, ['close']);
    }));

  it('a signal destroys it', () =>
    withConnection(async ({ pair }) => {
      const stop = new AbortController();
      const duplex = toDuplex(pair, { signal: stop.signal });
      const events = eventsOf(duplex);
      stop.abort();
      await closed(duplex);
      deepEqual(events, ['error ABORT_ERR', 'close']);
      const second = toDuplex(new Future<StreamPair>(), { signal: stop.signal });
      second.on('error', () => {});
      await closed(second);
    }));

  it('a connection that is gone already is an error of the stream', () =>
    withConnection(async ({ peer, pair }) => {
      peer.socket.resetAndDestroy();
      await pair[1].waitClosed().catch(() => {});
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      await closed(duplex);
      deepEqual(events, ['error ECONNRESET', 'close']);
      const again = toDuplex(pair[1].transport);
      again.on('error', ({ message }) => ok(/toDuplex\(\) of a closed transport/.test(message)));
      await closed(again);
    }));

  it('an attempt to connect that fails is an error of the stream', () =>
    inTask(async () => {
      const server = await startServer(null, '127.0.0.1', 0);
      const port = portOf(server);
      server.close();
      const duplex = toDuplex(openConnection('127.0.0.1', port));
      const events = eventsOf(duplex);
      let failure: unknown;
      duplex.write('never', (error) => {
        failure = error;
      });
      await closed(duplex);
      deepEqual(events, ['error ECONNREFUSED', 'close']);
      equal((failure as { code: string }).code, 'ECONNREFUSED');
    }));

  it('destroy() gives up an attempt to connect', () =>
    inTask(async () => {
      const connecting = new Future<StreamPair>();
      const duplex = toDuplex(connecting);
      const events = eventsOf(duplex);
      duplex.destroy();
      await closed(duplex);
      equal(connecting.cancelled(), true);
      deepEqual(events, ['close']);
    }));

  it('a connection that comes after destroy() is closed', () =>
    withConnection(async ({ peer, pair }) => {
      const made = new Deferred<StreamPair>();
      const duplex = toDuplex(made.promise);
      duplex.destroy();
      await closed(duplex);
      made.resolve(pair);
      await peer.ended;
    }));

  it('a loop that is closed is an error of every stream, with bytes in flight or without', async () => {
    const loop = newEventLoop();
    const transports: Transport[] = [];
    class Server extends Protocol {
      override connectionMade(transport: Transport): void {
        transports.push(transport);
      }
    }
    const server = await loop.createServer(() => new Server(), '127.0.0.1', 0);
    const peers = [await Peer.connect(portOf(server)), await Peer.connect(portOf(server))];
    peers[0]?.socket.pause();
    while (transports.length < 2) await new Promise(setImmediate);
    const connecting = toDuplex(new Future<StreamPair>({ loop }));
    const streams = [...transports.map((transport) => toDuplex(transport)), connecting];
    const busy = streams[0] as (typeof streams)[0];
    let failure: unknown;
    while (busy.writableLength === 0) {
      busy.write(randomData(100_000), (error) => {
        failure = error;
      });
      await new Promise(setImmediate);
    }
    const events = streams.map(eventsOf);
    const ends = streams.map((stream) => finished(stream).catch((error) => error.message));
    loop.close();
    deepEqual(await Promise.all(ends), Array(3).fill('Event loop is closed'));
    await Promise.all(streams.map(closed));
    deepEqual(events, Array(3).fill(['error ECONNRESET', 'close']));
    equal((failure as Error).message, 'Event loop is closed');
    for (const peer of peers) await peer.close();
    const late = toDuplex(transports[0] as Transport);
    const lateEvents = eventsOf(late);
    await closed(late);
    deepEqual(lateEvents, ['error ECONNRESET', 'close']);
  });

  it('a loop that is closed is no error of a stream that has sent all, and its end', async () => {
    const loop = newEventLoop();
    const made = new Deferred<Transport>();
    const connectionMade = (transport: Transport) => made.resolve(transport);
    const server = await loop.createServer(() => new Recorder({ connectionMade }), '127.0.0.1', 0);
    const peer = await Peer.connect(portOf(server), { allowHalfOpen: true });
    const duplex = toDuplex(await made.promise);
    const events = eventsOf(duplex);
    duplex.end('all');
    await peer.ended;
    loop.close();
    await closed(duplex);
    deepEqual(events, ['finish', 'close']);
    await peer.close();
  });

  it('an attempt to connect that somebody cancelled is an error of the stream', () =>
    inTask(async () => {
      const connecting = new Future<StreamPair>();
      const duplex = toDuplex(connecting);
      const events = eventsOf(duplex);
      connecting.cancel();
      await closed(duplex);
      deepEqual(events, ['error ABORT_ERR', 'close']);
    }));
});

/** Reads up to the end, and leaves the stream open. */
async function readAllOpen(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => stream.once('end', resolve));
  return Buffer.concat(chunks);
}
