/**
 * toDuplex(): a connection of uvio's as a Node stream. Its bytes and its flow control.
 *
 * Guards: what had arrived before is not lost, memory is bounded in both directions, order holds. How it ends is in
 * duplex_ends.test.ts, what else a socket has in socket_duplex.test.ts.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { pipeline } from 'node:stream/promises';
import {
  DatagramProtocol,
  getRunningLoop,
  openConnection,
  openUnixConnection,
  Protocol,
  sleep,
  startServer,
  startUnixServer,
  type Transport,
  toDuplex,
} from 'uvio';
import { Deferred, portOf, randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { closed, eventsOf, readAll, withConnection } from './duplex_support.js';
import { inTask } from './stream_support.js';

const MEBIBYTE = 1024 * 1024;

describe('toDuplex()', () => {
  leavesNothingOpen();

  it('carries megabytes in both directions', () =>
    withConnection(async ({ peer, pair }) => {
      const data = randomData(5 * MEBIBYTE);
      const duplex = toDuplex(pair);
      const piping = pipeline(duplex, duplex);
      peer.socket.end(data);
      await peer.ended;
      await piping;
      equal(sha256(peer.inbox.chunks), sha256(data));
      deepEqual([duplex.bytesRead, duplex.bytesWritten], [data.length, data.length]);
    }));

  it('begins with what the reader had', () =>
    withConnection(async ({ peer, pair }) => {
      peer.socket.end('head\nbody of the message');
      const [reader] = pair;
      equal(String(await reader.readline()), 'head\n');
      while (!reader.toString().includes('eof')) await sleep(0);
      const duplex = toDuplex(pair);
      equal(String(await readAll(duplex)), 'body of the message');
      await closed(duplex);
    }));

  it('finds what the reader had through the transport as well', () =>
    withConnection(async ({ peer, pair: [reader, writer] }) => {
      peer.socket.write('one\ntwo\n');
      await reader.readline();
      while (!reader.toString().includes('4 bytes')) await sleep(0);
      const duplex = toDuplex(writer.transport);
      peer.socket.end('three\n');
      equal(String(await readAll(duplex)), 'two\nthree\n');
      await closed(duplex);
    }));

  it('takes the transport of a protocol, which hears no more', () =>
    inTask(async (loop) => {
      const accepted = new Deferred<Transport>();
      const server = await startServer(
        async (reader, writer) => {
          writer.write(await reader.readline());
          writer.close();
        },
        '127.0.0.1',
        0,
      );
      class Client extends Protocol {
        override connectionMade(transport: Transport): void {
          accepted.resolve(transport);
        }
        override dataReceived(): void {
          throw new Error('not its business any more');
        }
      }
      await loop.createConnection(() => new Client(), '127.0.0.1', portOf(server));
      const duplex = toDuplex(await accepted.promise);
      duplex.end('echo\n');
      equal(String(await readAll(duplex)), 'echo\n');
      await closed(duplex);
      server.close();
      await server.waitClosed();
    }));

  it('reads no more than the high-water mark while nobody reads from it', () =>
    withConnection(async ({ peer, pair }) => {
      const data = randomData(8 * MEBIBYTE);
      const duplex = toDuplex(pair, { highWaterMark: 1000 });
      peer.socket.end(data);
      while (pair[1].transport.isReading()) await sleep(0);
      for (let turn = 0; turn < 50; turn++) await sleep(0);
      // One read of the loop's is 128 KiB at most.
      ok(duplex.bytesRead <= 129_000, `${duplex.bytesRead} bytes`);
      equal(duplex.readableLength, duplex.bytesRead);
      equal(sha256(await readAll(duplex)), sha256(data));
      await closed(duplex);
    }));

  it('tells the writer to wait while the peer does not read, and when to go on', () =>
    withConnection(async ({ peer, pair }) => {
      peer.socket.pause();
      const duplex = toDuplex(pair);
      const chunk = randomData(10_000);
      let count = 0;
      let done = 0;
      const write = () => {
        count++;
        return duplex.write(chunk, () => done++);
      };
      // The kernel's buffers take some megabytes first.
      for (let idle = 0; idle < 50; ) {
        if (write()) continue;
        await sleep(0);
        idle = duplex.writableNeedDrain ? idle + 1 : 0;
        while (duplex.writableNeedDrain && idle < 50) {
          await sleep(0);
          idle++;
        }
      }
      const unsent = duplex.writableLength + pair[1].transport.getWriteBufferSize();
      ok(unsent < 3 * duplex.writableHighWaterMark, `${unsent} bytes wait`);
      ok(done < count);
      const drained = new Promise((resolve) => duplex.once('drain', resolve));
      peer.socket.resume();
      await drained;
      duplex.end();
      await peer.ended;
      equal(done, count);
      equal(peer.inbox.size, count * chunk.length);
      equal(duplex.bytesWritten, count * chunk.length);
    }));

  it('writes what was corked together, in order and in every encoding', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair);
      duplex.cork();
      duplex.write('Grüße, ');
      duplex.write('c3bc', 'hex');
      duplex.write(Buffer.from(' und '));
      duplex.write('\u00e4', 'latin1');
      process.nextTick(() => duplex.uncork());
      duplex.end(Buffer.alloc(100_000, '.'));
      await peer.ended;
      const expected = [Buffer.from('Grüße, ü und '), Buffer.from([0xe4]), Buffer.alloc(1e5, '.')];
      equal(sha256(peer.inbox.chunks), sha256(expected));
      duplex.destroy();
    }));

  it('gives memory back to the writer when it calls back', () =>
    withConnection(async ({ peer, pair }) => {
      peer.socket.pause();
      const duplex = toDuplex(pair);
      // One buffer for all, as a program has that reads into it again and again; some of it has to wait.
      const memory = Buffer.alloc(10_000);
      for (let number = 0; number < 1000; number++) {
        memory.fill(number % 251);
        await new Promise<void>((resolve) => {
          duplex.write(memory, () => resolve());
          if (duplex.writableLength > 0) peer.socket.resume();
        });
      }
      duplex.end();
      await peer.ended;
      const received = peer.inbox.bytes();
      equal(received.length, 1000 * memory.length);
      for (let at = 0; at < received.length; at += 2500) {
        equal(received[at], Math.floor(at / 10_000) % 251);
      }
    }));

  it('may be made before there is a connection', () =>
    inTask(async () => {
      const server = await startServer(null, '127.0.0.1', 0);
      const duplex = toDuplex(openConnection('127.0.0.1', portOf(server)));
      const events = eventsOf(duplex);
      deepEqual([duplex.connecting, duplex.readyState], [true, 'opening']);
      duplex.setNoDelay().setKeepAlive(true, 1000).unref().ref();
      duplex.write('written ');
      duplex.write('early, ');
      duplex.end('to the end');
      for await (const [reader, writer] of server) {
        equal(String(await reader.read()), 'written early, to the end');
        writer.close();
        break;
      }
      await readAll(duplex);
      await closed(duplex);
      deepEqual(events, ['connect', 'ready', 'finish', 'end', 'close']);
      equal(duplex.bytesWritten, 25);
      server.close();
      await server.waitClosed();
    }));

  it('works over unix sockets', () =>
    inTask(async () => {
      await using server = await startUnixServer((reader, writer) => {
        const duplex = toDuplex([reader, writer]);
        duplex.pipe(duplex);
      }, `\0uvio-to-duplex-${process.pid}`);
      const duplex = toDuplex(await openUnixConnection(`\0uvio-to-duplex-${process.pid}`));
      duplex.end('through a unix socket');
      equal(String(await readAll(duplex)), 'through a unix socket');
      await closed(duplex);
      server.close();
    }));

  it('leaves nothing to the reader, and to the writer its waiting', () =>
    withConnection(async ({ peer, pair }) => {
      const [reader, writer] = pair;
      const duplex = toDuplex(pair);
      const gone = writer.waitClosed();
      await rejects(reader.read(1), { message: /belongs to a Duplex/ });
      duplex.resume().end();
      peer.socket.end();
      await gone;
      await closed(duplex);
    }));

  it('refuses what is no connection of a byte stream', () =>
    withConnection(async ({ pair }) => {
      const loop = getRunningLoop();
      const [datagrams] = await loop.createDatagramEndpoint(() => new DatagramProtocol(), {
        localAddr: ['127.0.0.1', 0],
      });
      const sources = [undefined, null, 1, 'x', {}, [], [pair[0]], [pair[1], pair[0]], datagrams];
      for (const source of sources) {
        throws(() => toDuplex(source as never), {
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_TYPE',
          message: /^source must be a transport/,
        });
      }
      const late = toDuplex(Promise.resolve(datagrams as never));
      const events = eventsOf(late);
      await closed(late);
      deepEqual(events, ['error ERR_INVALID_ARG_TYPE', 'close']);
      datagrams.abort();
      throws(() => toDuplex(pair, { highWaterMark: -1 }), /highWaterMark must be an integer/);
      throws(() => toDuplex(pair, { allowHalfOpen: 1 as never }), /allowHalfOpen/);
      throws(() => toDuplex(pair, { signal: {} as never }), /signal must be an AbortSignal/);
      const reading = pair[0].read(1);
      throws(() => toDuplex(pair), /toDuplex\(\) while a read\(\) waits for incoming data/);
      reading.cancel();
    }));
});
