/**
 * What is kept and what is let go: transports, protocols, descriptors, memory.
 *
 * Guards: an open connection lives although the program drops it; a closed one is collectable with its
 * protocol; fifteen thousand connections leave neither descriptors nor memory. Collection is asked for
 * with gc() and observed through WeakRefs and finalizers, over a bounded number of turns.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import type { EventLoop, SystemError, Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { BufferedEcho, Echo, Peer, portOf, Recorder, withLoop, withServer } from './peers.js';

const gc = globalThis.gc as () => void;

/** Collects until all of these are gone; says how many are not. */
async function survivors(references: WeakRef<object>[]): Promise<number> {
  const alive = () => references.filter((reference) => reference.deref() !== undefined).length;
  for (let round = 0; round < 30 && alive() > 0; round++) {
    // A deref() keeps its target until the end of the job.
    await new Promise(setImmediate);
    gc();
  }
  return alive();
}

async function collect(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await new Promise(setImmediate);
    gc();
  }
}

describe('the memory of connections', () => {
  leavesNothingOpen();

  for (const [kind, Protocol] of Object.entries({ Echo, BufferedEcho })) {
    it(`a closed connection's transport and ${kind} are collected`, async () => {
      const references: WeakRef<object>[] = [];
      const make = () => {
        const protocol = new Protocol();
        references.push(new WeakRef(protocol));
        const made = protocol.connectionMade;
        protocol.connectionMade = function (this: unknown, transport: Transport) {
          references.push(new WeakRef(transport));
          made.call(protocol, transport);
        };
        return protocol;
      };
      await withServer(make, async ({ port }) => {
        for (let round = 0; round < 10; round++) {
          const peer = await Peer.connect(port);
          equal(await peer.ask('hello'), 'hello');
          await peer.close();
        }
        // One more, since the last event may be referred to from the stack.
        const peer = await Peer.connect(port);
        equal(await peer.ask('hello'), 'hello');
        equal(await survivors(references.slice(0, 20)), 0);
        await peer.close();
      });
      equal(references.length, 22);
    });
  }

  it("a client's transport and protocol are collected after close() and after abort()", async () => {
    await withServer(
      () => new Echo(),
      async ({ loop, port }) => {
        const references: WeakRef<object>[] = [];
        const round = async (way: 'close' | 'abort') => {
          const client = new Recorder();
          const [transport] = await loop.createConnection(() => client, '127.0.0.1', port);
          references.push(new WeakRef(client), new WeakRef(transport));
          transport.write('x');
          transport[way]();
          await client.lost;
        };
        for (let index = 0; index < 5; index++) {
          await round('close');
          await round('abort');
        }
        equal(await survivors(references), 0);
      },
    );
  });

  it('connections, listening sockets and servers that failed or closed are collected', async () => {
    await withLoop(async (loop) => {
      const references: WeakRef<object>[] = [];
      const round = async () => {
        const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
        references.push(new WeakRef(server));
        const port = portOf(server);
        server.close();
        await server.waitClosed();
        const client = new Recorder();
        references.push(new WeakRef(client));
        const refused = await loop
          .createConnection(() => client, '127.0.0.1', port)
          .then(
            () => 'connected',
            (error: unknown) => (error as SystemError).code,
          );
        equal(refused, 'ECONNREFUSED');
      };
      for (let index = 0; index < 5; index++) await round();
      equal(await survivors(references), 0);
    });
  });

  it('a closed loop is collected', async () => {
    const references: WeakRef<object>[] = [];
    const round = () =>
      withLoop(async (loop) => {
        references.push(new WeakRef(loop));
        await new Promise<void>((resolve) => loop.callLater(0.1, resolve));
      });
    for (let index = 0; index < 5; index++) await round();
    equal(await survivors(references), 0);
  });

  it('an open connection is kept, though the program holds neither end of it', async () => {
    await withLoop(async (loop) => {
      const port = await dropServer(loop);
      const answers: string[] = [];
      await dropClient(loop, port, answers);
      for (let round = 0; round < 5; round++) {
        await collect();
        const expected = answers.length + 1;
        for (let turn = 0; answers.length < expected; turn++) {
          ok(turn < 1_000_000, 'the connection has gone silent');
          await new Promise(setImmediate);
        }
      }
      ok(answers.every((answer) => answer === 'ping'));
    });
  });

  it('fifteen thousand connections leave neither descriptors nor memory', async function () {
    this.timeout(120_000);
    let lost = 0;
    const make = () => new Recorder({ connectionLost: () => lost++ });
    const batch = 250;
    await withServer(
      make,
      async ({ loop, port }) => {
        const pass = async (connections: number) => {
          for (let done = 0; done < connections; done += batch) {
            const wanted = lost + batch;
            const clients = await Promise.all(
              Array.from({ length: batch }, async (_, index) => {
                if (index % 2 === 0) {
                  const peer = await Peer.connect(port);
                  peer.socket.write('hello');
                  return () => peer.close();
                }
                const client = new Recorder();
                const [transport] = await loop.createConnection(() => client, '127.0.0.1', port);
                transport.write('hello');
                return async () => {
                  transport.close();
                  await client.lost;
                };
              }),
            );
            await Promise.all(clients.map((close) => close()));
            while (lost < wanted) await new Promise(setImmediate);
          }
          await collect();
          return process.memoryUsage().rss;
        };
        const descriptors = () => readdirSync('/proc/self/fd').length;
        const before = descriptors();
        // The first fills V8's heap to the size that it keeps (on Node 26 it takes 30 MiB more than on 20).
        await pass(5000);
        equal(descriptors(), before);
        const first = await pass(5000);
        const second = await pass(5000);
        equal(descriptors(), before);
        equal(lost, 15_000);
        // A sanitizer keeps what was freed.
        if (process.env.UVIO_SANITIZED !== undefined) return;
        // 5000 connections that leaked 10 KiB each would be 50 MiB.
        ok(second - first < 24 * 1024 * 1024, `${(second - first) / 2 ** 20} MiB more`);
      },
      { backlog: 1000 },
    );
  });

  it('a closed transport answers, and names no peer', async () => {
    const server = new Recorder();
    await withServer(
      () => server,
      async ({ port }) => {
        const socket = connect(port, '127.0.0.1');
        await server.made;
        socket.destroy();
        await server.lost;
        await new Promise(setImmediate);
        const { transport } = server;
        equal(transport.getWriteBufferSize(), 0);
        deepEqual([transport.isClosing(), transport.isReading()], [true, false]);
        equal(transport.getExtraInfo('socket')?.fileno(), -1);
        equal(transport.getExtraInfo('nothing', 'fallback'), 'fallback');
        ok(String(transport).includes('closed'));
        equal(transport.getProtocol(), server);
      },
    );
  });
});

async function dropServer(loop: EventLoop): Promise<number> {
  return portOf(await loop.createServer(() => new Echo(), '127.0.0.1', 0));
}

/** A client that asks again whenever it was answered, with a pause in between. */
async function dropClient(loop: EventLoop, port: number, answers: string[]): Promise<void> {
  const make = () =>
    new Recorder({
      connectionMade: (transport) => transport.write('ping'),
      dataReceived(data, transport) {
        answers.push(data.toString());
        loop.callLater(1, () => transport.write('ping'));
      },
    });
  await loop.createConnection(make, '127.0.0.1', port);
}
