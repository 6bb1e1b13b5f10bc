/**
 * handOver() and takeOver(): connections that go from one thread's loop to another's.
 *
 * Guards: bytes in flight in both directions arrive whole and in order; there is one owner at any time, and a connection that
 * nobody takes is closed; what cannot be handed over is refused and stays.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  CancelledError,
  getRunningLoop,
  type HandedConnection,
  handOver,
  Protocol,
  run,
  type SocketAddress,
  type StreamPair,
  type StreamWriter,
  startServer,
  startUnixServer,
  type Transport,
  type TransportSocket,
  takeOver,
  withdraw,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const index = new URL('../../src/index.js', import.meta.url);

/** A thread in whose module `body` runs on a loop, with `receive()` for the next message. */
function startThread(body: string): Worker {
  const source = `
    import { once } from 'node:events';
    import { parentPort } from 'node:worker_threads';
    import * as uvio from '${index}';
    const receive = async () => (await once(parentPort, 'message'))[0];
    await uvio.run(async () => { ${body} });
    parentPort.close();`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
}

const ECHO = `
  const [reader, writer] = await uvio.takeOver(await receive());
  for await (const line of reader) { writer.write(line); await writer.drain(); }
  writer.close();`;

/** Runs `use` with the server's side of a connection and its client. */
async function withConnection(
  use: (pair: StreamPair, client: Socket, text: Promise<string>) => Promise<void>,
): Promise<void> {
  await run(async () => {
    const server = await startServer(null, '127.0.0.1', 0);
    const { port } = (server.sockets[0] as TransportSocket<SocketAddress>).getsockname();
    const client = connect(port, '127.0.0.1');
    client.on('error', () => {});
    const [pair] = await Promise.all([first(server), once(client, 'connect')]);
    let received = '';
    client.setEncoding('latin1').on('data', (chunk) => {
      received += chunk;
    });
    const text = once(client, 'close').then(() => received);
    try {
      await use(pair, client, text);
    } finally {
      client.destroy();
      server.close();
      await server.waitClosed();
    }
  });
}

async function first<T>(source: AsyncIterable<T>): Promise<T> {
  for await (const value of source) return value;
  throw new Error('nothing came');
}

describe('handing a connection over', () => {
  leavesNothingOpen();

  it('keeps bytes whole and in order while they are in flight', async () => {
    await withConnection(async ([reader, writer], client, text) => {
      const lines = Array.from({ length: 20_000 }, (_, number) => `${number}\n`);
      client.end(lines.join(''));
      for (let count = 0; count < 10; count++) writer.write(await reader.readline());
      const worker = startThread(ECHO);
      worker.postMessage(await handOver(writer));
      equal(await text, lines.join(''));
      await once(worker, 'exit');
    });
  });

  it('goes there and back', async () => {
    await withConnection(async ([reader, writer], client, text) => {
      const worker = startThread(`
        const [reader, writer] = await uvio.takeOver(await receive());
        writer.write(await reader.readline());
        parentPort.postMessage(await uvio.handOver(writer));`);
      client.end('one\ntwo\nthree\n');
      writer.write(await reader.readline());
      worker.postMessage(await handOver(writer));
      const [handed] = await once(worker, 'message');
      const [back, backWriter] = await takeOver(handed as HandedConnection);
      for await (const line of back) backWriter.write(line);
      backWriter.close();
      equal(await text, 'one\ntwo\nthree\n');
      await once(worker, 'exit');
    });
  });

  it('lets what was written leave first', async () => {
    await withConnection(async ([, writer], client, text) => {
      const size = 8 * 1024 * 1024;
      client.pause();
      writer.write('x'.repeat(size));
      const handing = handOver(writer);
      throws(() => writer.write('too late'), /being handed over$/);
      equal(handing.done(), false);
      client.resume();
      const [, later] = await takeOver(await handing);
      later.write('y');
      later.close();
      equal(await text, `${'x'.repeat(size)}y`);
    });
  });

  it('tells a protocol, whose server counts it no more, and gives what it had not used', async () => {
    await run(async () => {
      const loop = getRunningLoop();
      const events: string[] = [];
      const handing = loop.createFuture<HandedConnection>();
      class Giver extends Protocol {
        #transport!: Transport;
        override connectionMade(transport: Transport): void {
          this.#transport = transport;
        }
        override dataReceived(data: Buffer): void {
          events.push(`received ${data}`);
          handOver(this.#transport, { unread: data }).addDoneCallback((given) => {
            handing.setResult(given.result());
          });
        }
        override connectionLost(error: Error | null): void {
          events.push(`lost ${error}`);
        }
      }
      class Taker extends Protocol {
        constructor(readonly unread: Uint8Array) {
          super();
        }
        override connectionMade(transport: Transport): void {
          transport.write(this.unread);
          transport.close();
        }
      }
      const server = await loop.createServer(() => new Giver(), '127.0.0.1', 0);
      const client = connect(server.sockets[0]?.getsockname().port as number, '127.0.0.1');
      client.write('hello');
      const handed = await handing;
      server.close();
      await server.waitClosed();
      deepEqual(events, ['received hello', 'lost null']);
      const [transport, protocol] = await takeOver(handed, () => new Taker(handed.unread));
      ok(protocol instanceof Taker && transport.isClosing());
      equal(String((await once(client, 'data'))[0]), 'hello');
      await once(client, 'close');
    });
  });

  it('works with unix sockets', async () => {
    await run(async () => {
      const path = join(tmpdir(), `handing-over-${process.pid}`);
      const server = await startUnixServer(null, path);
      const client = connect(path);
      const [, writer] = await first(server);
      const [reader, later] = await takeOver(await handOver(writer));
      client.write('hello\n');
      equal(String(await reader.readline()), 'hello\n');
      later.close();
      await once(client.resume(), 'close');
      server.close();
    });
  });

  it('has one taker', async () => {
    await withConnection(async ([, writer], _client, text) => {
      const handed = await handOver(writer);
      const [, later] = await takeOver(handed);
      await rejects(takeOver(handed), /^RuntimeError: the connection was taken before/);
      equal(withdraw(handed), false);
      later.write('still open');
      later.close();
      equal(await text, 'still open');
    });
  });

  it('can be withdrawn', async () => {
    await withConnection(async ([, writer], _client, text) => {
      const handed = await handOver(writer);
      equal(withdraw(handed), true);
      await text;
      await rejects(takeOver(handed), /^RuntimeError: the connection was taken before/);
    });
  });

  it('ends with the thread that gave it, when nobody took it', async () => {
    await withConnection(async ([, writer], _client, text) => {
      const worker = startThread(`
        const [, writer] = await uvio.takeOver(await receive());
        parentPort.postMessage(await uvio.handOver(writer));
        await uvio.sleep(Infinity);`);
      worker.postMessage(await handOver(writer));
      const [handed] = await once(worker, 'message');
      await worker.terminate();
      await text;
      await rejects(takeOver(handed as HandedConnection), /or its thread has ended$/);
    });
  });

  it('can be given up while something is left to be written', async () => {
    await withConnection(async ([reader, writer], client, text) => {
      const size = 8 * 1024 * 1024;
      client.pause();
      writer.write('x'.repeat(size));
      const handing = handOver(writer);
      handing.cancel();
      await rejects(handing, CancelledError);
      writer.write('y');
      client.resume();
      client.write('hello\n');
      equal(String(await reader.readline()), 'hello\n');
      writer.close();
      equal(await text, `${'x'.repeat(size)}y`);
    });
  });

  it('fails when the connection is lost meanwhile', async () => {
    await withConnection(async ([, writer], client) => {
      client.pause();
      writer.write('x'.repeat(8 * 1024 * 1024));
      const handing = handOver(writer);
      client.resetAndDestroy();
      await rejects(handing, { syscall: 'write' });
    });
  });

  it('closes what a taker cannot use', async () => {
    await withConnection(async ([, writer], _client, text) => {
      const taking = takeOver(await handOver(writer), () => {
        throw new RangeError('no protocol');
      });
      await rejects(taking, /^RangeError: no protocol$/);
      await text;
    });
  });

  it('refuses what cannot be handed over', async () => {
    await withConnection(async ([, writer]) => {
      const refused = [null, {}, new Protocol()] as unknown[] as StreamWriter[];
      for (const value of refused) throws(() => handOver(value), /^TypeError: connection must be/);
      throws(() => handOver(writer, { unread: 'a' as never }), /^TypeError: unread must be/);
      for (const handed of [null, {}, { ticket: 1.5, unread: new Uint8Array() }]) {
        throws(() => takeOver(handed as never), /^TypeError: handed must be what handOver\(\)/);
      }
      writer.writeEof();
      throws(() => handOver(writer), /^RuntimeError: Cannot call write\(\) after writeEof\(\)$/);
      writer.close();
      throws(() => handOver(writer), /^RuntimeError: <TcpTransport .*> is closing$/);
    });
  });
});
