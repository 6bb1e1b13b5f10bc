/**
 * fromDuplex(): uvio's streams over any stream of Node's.
 *
 * Guards: nothing is read that nobody asked for beyond the stream's own buffer, the end and errors arrive once, a
 * stream of objects is refused.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import {
  BufferedProtocol,
  fromDuplex,
  newEventLoop,
  Protocol,
  type StreamReader,
  type StreamWriter,
  sleep,
  type Transport,
  toDuplex,
  waitFor,
} from 'uvio';
import { portOf, randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { closed, withConnection } from './duplex_support.js';
import { inTask, withStreamServer } from './stream_support.js';

/** One of two streams of Node's, each of which reads what the other writes. */
class End extends Duplex {
  other!: End;
  #written: (() => void) | null = null;

  override _read(): void {
    const written = this.#written;
    this.#written = null;
    written?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.other.#written = done;
    this.other.push(chunk);
  }

  override _final(done: () => void): void {
    this.other.push(null);
    done();
  }
}

function duplexPair(): [Duplex, Duplex] {
  const pair: [End, End] = [new End(), new End()];
  [pair[0].other, pair[1].other] = [pair[1], pair[0]];
  return pair;
}

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (let data = await reader.read(65536); data.length > 0; data = await reader.read(65536)) {
    writer.write(data);
    await writer.drain();
  }
  writer.close();
}

describe('fromDuplex()', () => {
  leavesNothingOpen();

  it('carries megabytes over a net.Socket', () =>
    withStreamServer(echo, async ({ port }) => {
      const data = randomData(5 * 1024 * 1024);
      const [reader, writer] = fromDuplex(connect(port, '127.0.0.1'));
      writer.write(data);
      writer.writeEof();
      equal(sha256(await reader.read()), sha256(data));
      writer.close();
      await writer.waitClosed();
    }));

  it('reads lines, with a time limit', () =>
    inTask(async () => {
      const [near, far] = duplexPair();
      const [reader, writer] = fromDuplex(near);
      far.write('one\ntwo');
      equal(String(await reader.readline()), 'one\n');
      await rejects(waitFor(reader.readline(), 5), { name: 'TimeoutError' });
      far.write(' and a half\n');
      equal(String(await reader.readline()), 'two and a half\n');
      writer.transport.abort();
      await writer.waitClosed();
      far.destroy();
    }));

  it('leaves to the stream what nobody reads, and makes writers wait', () =>
    withStreamServer(echo, async ({ port }) => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      const [reader, writer] = fromDuplex(socket, { limit: 1000 });
      const chunk = randomData(64 * 1024);
      let written = 0;
      // Until it comes back, is not read, and nothing is taken any more.
      for (let waiting = false; !waiting; ) {
        writer.write(chunk);
        written += chunk.length;
        try {
          await waitFor(writer.drain(), 200);
        } catch {
          waiting = true;
        }
      }
      ok(socket.readableLength > 0, 'the stream keeps what is not read');
      ok(socket.writableLength <= 3 * 64 * 1024, `${socket.writableLength} bytes wait`);
      const reading = reader.readexactly(written);
      await writer.drain();
      equal((await reading).length, written);
      writer.close();
      await writer.waitClosed();
    }));

  it('the end of the stream is the end of the reader, and writing goes on', () =>
    inTask(async () => {
      const [near, far] = duplexPair();
      near.allowHalfOpen = false;
      const [reader, writer] = fromDuplex(near);
      far.end('last words');
      equal(String(await reader.read()), 'last words');
      equal(reader.atEof(), true);
      writer.write('answer');
      writer.writeEof();
      throws(() => writer.write('more'), /Cannot call write\(\) after writeEof\(\)/);
      const chunks: unknown[] = [];
      for await (const chunk of far) chunks.push(chunk);
      equal(chunks.join(''), 'answer');
      await writer.waitClosed();
    }));

  it('close() sends what was written first', () =>
    withConnection(async ({ peer, pair }) => {
      const data = randomData(2 * 1024 * 1024);
      const [, writer] = fromDuplex(toDuplex(pair));
      writer.write(data);
      writer.close();
      writer.close();
      writer.write('dropped');
      await peer.ended;
      await writer.waitClosed();
      equal(sha256(peer.inbox.chunks), sha256(data));
    }));

  it('an error of the stream is one of reader and writer', () =>
    inTask(async () => {
      const [near] = duplexPair();
      const [reader, writer] = fromDuplex(near);
      const reading = reader.read(1);
      near.destroy(new RangeError('broken'));
      await rejects(reading, /broken/);
      await rejects(writer.waitClosed(), /broken/);
      equal(writer.isClosing(), true);
    }));

  it('a stream that is destroyed already fails, or has ended', () =>
    inTask(async () => {
      const broken = duplexPair()[0].destroy(new RangeError('broken'));
      broken.on('error', () => {});
      await rejects(fromDuplex(broken)[0].read(), /broken/);
      const [reader, writer] = fromDuplex(duplexPair()[0].destroy());
      equal((await reader.read()).length, 0);
      await writer.waitClosed();
    }));

  it('knows the addresses of a socket, and the stream itself', () =>
    withStreamServer(echo, async ({ server }) => {
      const port = portOf(server);
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      const [, writer] = fromDuplex(socket);
      deepEqual(writer.getExtraInfo('peername'), { address: '127.0.0.1', port, family: 'IPv4' });
      equal(writer.getExtraInfo('sockname')?.port, socket.localPort);
      equal(writer.getExtraInfo('duplex'), socket);
      equal(writer.getExtraInfo('cipher', 'none'), 'none');
      writer.close();
      await writer.waitClosed();
    }));

  it('takes any protocol: calls it from the loop, reads into its memory, reports what it throws', () =>
    inTask(async (_loop, reports) => {
      const [near, far] = duplexPair();
      const { transport } = fromDuplex(near)[1];
      const received: string[] = [];
      class Sips extends BufferedProtocol {
        readonly #memory = Buffer.alloc(4);
        override getBuffer(): Buffer {
          return this.#memory;
        }
        override bufferUpdated(size: number): void {
          received.push(this.#memory.toString('latin1', 0, size));
        }
      }
      transport.setProtocol(new Sips());
      far.write('0123456789');
      while (received.length < 3) await sleep(0);
      deepEqual(received, ['0123', '4567', '89']);
      throws(() => transport.setProtocol({} as never), /protocol must be a Protocol/);
      class Fails extends Protocol {
        override dataReceived(): void {
          throw new Error('cannot read');
        }
      }
      transport.setProtocol(new Fails());
      far.write('x');
      await closed(near);
      deepEqual(
        reports.splice(0).map(({ message, exception }) => `${message} ${exception}`),
        ['Fatal error: a protocol call failed. Error: cannot read'],
      );
      far.destroy();
    }));

  it('stops reading at pauseReading()', () =>
    inTask(async () => {
      const [near, far] = duplexPair();
      const { transport } = fromDuplex(near)[1];
      const received: string[] = [];
      class Once extends Protocol {
        override dataReceived(data: Buffer): void {
          received.push(String(data));
          transport.pauseReading();
        }
      }
      transport.setProtocol(new Once());
      far.write('one');
      while (received.length < 1) await sleep(0);
      far.write('two');
      for (let turn = 0; turn < 20; turn++) await sleep(0);
      deepEqual(received, ['one']);
      transport.resumeReading();
      while (received.length < 2) await sleep(0);
      deepEqual(received, ['one', 'two']);
      transport.abort();
      await closed(near);
      far.destroy();
    }));

  it('a loop that is closed destroys the stream', async () => {
    const loop = newEventLoop();
    const [near] = duplexPair();
    await loop.runUntilComplete(async () => {
      fromDuplex(near);
    });
    loop.close();
    await closed(near);
  });

  it('refuses what is no stream of bytes in both directions', () =>
    inTask(async () => {
      for (const value of [undefined, null, 1, {}, process.stdin.constructor]) {
        throws(() => fromDuplex(value as never), /^TypeError.* duplex must be a Duplex/);
      }
      const objects = new Duplex({ objectMode: true, read() {} });
      throws(() => fromDuplex(objects), /a Duplex of bytes, not of objects or text/);
      const text = duplexPair()[0].setEncoding('utf8');
      throws(() => fromDuplex(text), /not of objects or text/);
      const [near] = duplexPair();
      throws(() => fromDuplex(near, { limit: 0 }), /limit must be an integer/);
      equal(near.listenerCount('readable'), 0);
    }));

  it('is a Transport', () =>
    inTask(async () => {
      const [near] = duplexPair();
      const transport: Transport = fromDuplex(near)[1].transport;
      equal(String(transport), '<DuplexTransport open bufsize=0>');
      equal(transport.canWriteEof(), true);
      deepEqual(transport.getWriteBufferLimits(), [16384, 65536]);
      transport.abort();
      equal(String(transport), '<DuplexTransport closing bufsize=0>');
      while (String(transport) !== '<DuplexTransport closed bufsize=0>') await sleep(0);
    }));
});
