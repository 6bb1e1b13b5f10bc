/**
 * Datagram endpoints when something goes wrong: refused, too large, protocols that throw.
 *
 * Guards: errors of the network reach errorReceived and end nothing; an endpoint that cannot be opened leaves nothing open.
 */

import { deepEqual, equal, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { DatagramProtocol, logger, newEventLoop, setLogger } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import {
  addressOf,
  closeAll,
  DatagramPeer,
  DatagramRecorder,
  echo,
  endpoint,
} from './datagram_peers.js';
import { withLoop } from './peers.js';
import { assertPrinted, runProcess, startWorker } from './programs.js';

const LOOPBACK = { localAddr: ['127.0.0.1', 0] } as const;

describe('errors of datagram endpoints', () => {
  leavesNothingOpen();

  it('nobody listening is ECONNREFUSED, and the endpoint lives on', () =>
    withLoop(async (loop) => {
      const gone = await DatagramPeer.bind();
      const to = { address: '127.0.0.1', port: gone.port };
      await gone.close();
      const client = await endpoint(loop, { remoteAddr: to });
      client.transport.sendto('anybody?');
      const error = await client.errors.next();
      deepEqual([error.code, client.transport.isClosing()], ['ECONNREFUSED', false]);
      const server = await endpoint(loop, { localAddr: to }, echo());
      client.transport.sendto('now?');
      equal(await client.text(), 'now?');
      await closeAll(client, server);
    }));

  it('too large a datagram is EMSGSIZE, at once', () =>
    withLoop(async (loop) => {
      const client = await endpoint(loop);
      client.transport.sendto(Buffer.alloc(65_508), addressOf(client));
      deepEqual(
        client.errors.all.map((error) => [error.code, error.syscall]),
        [['EMSGSIZE', 'sendto']],
      );
      equal(client.transport.getWriteBufferSize(), 0);
      await closeAll(client);
    }));

  it('an address of the other family is an error of the datagram', () =>
    withLoop(async (loop) => {
      const client = await endpoint(loop);
      client.transport.sendto('six', ['::1', 9]);
      equal(client.errors.all.length, 1);
      client.transport.sendto('four', addressOf(client));
      equal(await client.text(), 'four');
      await closeAll(client);
    }));

  it('broadcasting must be allowed', () =>
    withLoop(async (loop) => {
      const to = ['127.255.255.255', 9] as const;
      const client = await endpoint(loop);
      client.transport.sendto('all', to);
      equal((await client.errors.next()).code, 'EACCES');
      const server = await endpoint(loop, { localAddr: ['0.0.0.0', 0] });
      const { port } = addressOf(server);
      const allowed = await endpoint(loop, {
        remoteAddr: ['127.255.255.255', port],
        allowBroadcast: true,
      });
      // Not connected, so that answers from elsewhere are heard.
      equal(allowed.transport.getExtraInfo('peername'), undefined);
      allowed.transport.sendto('all');
      const { data, addr } = await server.inbox.next();
      equal(String(data), 'all');
      server.transport.sendto('me', ['127.0.0.1', addr.port]);
      equal(await allowed.text(), 'me');
      await closeAll(client, server, allowed);
    }));

  it('a port in use, and an address that is not ours, reject the future', () =>
    withLoop(async (loop) => {
      const first = await endpoint(loop);
      const localAddr = addressOf(first);
      const made: DatagramRecorder[] = [];
      const factory = () => {
        made.push(new DatagramRecorder());
        return made.at(-1) as DatagramRecorder;
      };
      const open = async (options: object) => loop.createDatagramEndpoint(factory, options);
      await rejects(open({ localAddr }), {
        code: 'EADDRINUSE',
        syscall: 'bind',
        address: '127.0.0.1',
        port: localAddr.port,
      });
      await rejects(open({ localAddr: ['203.0.113.1', 0] }), { code: 'EADDRNOTAVAIL' });
      await rejects(open({ localAddr: ['no-such-name.invalid', 0] }), { code: 'ENOTFOUND' });
      await rejects(open({ localAddr: ['127.0.0.1', 0], remoteAddr: ['::1', 9] }), {
        name: 'RangeError',
        message: 'can not get address information',
      });
      deepEqual(
        made.flatMap((protocol) => protocol.events),
        [],
      );
      await closeAll(first);
    }));

  it('errors of the protocol are reported, and end nothing', () =>
    withLoop(async (loop, reports) => {
      const fail = (what: string) => () => {
        throw new Error(what);
      };
      const server = await endpoint(
        loop,
        LOOPBACK,
        new DatagramRecorder({
          datagramReceived: fail('received'),
          errorReceived: fail('error'),
          connectionLost: fail('lost'),
        }),
      );
      const peer = await DatagramPeer.bind();
      peer.send('1', addressOf(server));
      peer.send('2', addressOf(server));
      equal(await server.text(), '1');
      equal(await server.text(), '2');
      server.transport.sendto(Buffer.alloc(70_000), addressOf(server));
      await peer.close();
      server.transport.close();
      while (reports.length < 4) await new Promise(setImmediate);
      deepEqual(
        reports
          .splice(0)
          .map((report) => `${report.message} ${(report.exception as Error).message}`),
        [
          'Exception in callback datagramReceived() received',
          'Exception in callback datagramReceived() received',
          'Exception in callback errorReceived() error',
          'Exception in callback connectionLost() lost',
        ],
      );
    }));

  it('a protocol that fails in connectionMade is closed', () =>
    withLoop(async (loop, reports) => {
      const fail = () => {
        throw new Error('made');
      };
      const server = await endpoint(loop, LOOPBACK, new DatagramRecorder({ connectionMade: fail }));
      equal(await server.lost, null);
      deepEqual(
        reports.splice(0).map((report) => report.message),
        ['Exception in callback connectionMade()'],
      );
    }));

  it('closing amid a batch drops the rest of it', () =>
    withLoop(async (loop) => {
      for (const method of ['close', 'abort'] as const) {
        const server = await endpoint(
          loop,
          LOOPBACK,
          new DatagramRecorder({
            datagramReceived: (_data, _addr, transport) => transport[method](),
          }),
        );
        const client = await endpoint(loop, { remoteAddr: addressOf(server) });
        for (let count = 0; count < 10; count++) client.transport.sendto('x');
        equal(await server.lost, null);
        equal(server.inbox.all.length, 1);
        await closeAll(client);
      }
    }));

  it('closing the loop amid a batch is as well', async () => {
    const loop = newEventLoop();
    const server = await endpoint(
      loop,
      LOOPBACK,
      new DatagramRecorder({ datagramReceived: () => loop.close() }),
    );
    const client = await endpoint(loop, { remoteAddr: addressOf(server) });
    for (let count = 0; count < 10; count++) client.transport.sendto('x');
    await server.text();
    equal(server.inbox.all.length, 1);
    deepEqual(client.events, ['connectionMade']);
  });

  it('closing in connectionMade, and twice, and sending afterwards', () =>
    withLoop(async (loop) => {
      const warned: string[] = [];
      const client = new DatagramRecorder({ connectionMade: (transport) => transport.close() });
      const [transport] = await loop.createDatagramEndpoint(() => client, LOOPBACK);
      equal(await client.lost, null);
      transport.close();
      transport.abort();
      setLogger({ debug() {}, info() {}, warn: (text: string) => warned.push(text), error() {} });
      for (let count = 0; count < 5; count++) transport.sendto('x', ['127.0.0.1', 9]);
      setLogger(logger);
      deepEqual(warned, ['socket.send() raised exception.']);
      deepEqual(client.events, ['connectionMade', 'connectionLost']);
      equal(transport.getExtraInfo('sockname'), undefined);
      equal(transport.getExtraInfo('socket').fileno(), -1);
      equal(String(transport), '<UdpTransport closed bufsize=0>');
    }));

  it('giving up before the name is resolved opens nothing', () =>
    withLoop(async (loop) => {
      const opening = loop.createDatagramEndpoint(() => new DatagramProtocol(), {
        localAddr: ['localhost', 0],
      });
      opening.cancel();
      await rejects(Promise.resolve(opening), { name: 'CancelledError' });
    }));

  it('an endpoint ends with its worker thread, amid its work', async () => {
    const worker = startWorker(async ({ newEventLoop: make }, { echo: echoing, threads }) => {
      const [transport] = await make().createDatagramEndpoint(echoing, {
        localAddr: ['127.0.0.1', 0],
      });
      threads.parentPort?.postMessage(transport.getExtraInfo('sockname'));
    });
    const [to] = await once(worker, 'message');
    await withLoop(async (loop) => {
      const client = await endpoint(
        loop,
        { remoteAddr: to },
        new DatagramRecorder({
          datagramReceived: (data, _addr, transport) => transport.sendto(data),
        }),
      );
      for (let count = 0; count < 20; count++) client.transport.sendto(String(count));
      for (let count = 0; count < 200; count++) await client.inbox.next();
      await worker.terminate();
      client.transport.sendto('anybody?');
      equal((await client.errors.next()).code, 'ECONNREFUSED');
      await closeAll(client);
    });
  });

  it('closed endpoints are collected', async () => {
    const outcome = await runProcess(
      async ({ newEventLoop: make }, { endpoint: open, closeAll }) => {
        const loop = make();
        const opened: WeakRef<object>[] = [];
        for (let count = 0; count < 20; count++) {
          const one = await open(loop);
          opened.push(new WeakRef(one.transport));
          await closeAll(one);
        }
        const left = () => opened.filter((one) => one.deref() !== undefined).length;
        for (let turn = 0; turn < 100 && left() > 1; turn++) {
          await new Promise(setImmediate);
          globalThis.gc?.();
        }
        console.log(left() <= 1 ? 'collected' : `${left()} left`);
        loop.close();
      },
    );
    assertPrinted(outcome, 'collected');
  });

  it('an endpoint keeps its process alive until it is closed', async () => {
    const outcome = await runProcess(async ({ newEventLoop: make, DatagramProtocol: Base }) => {
      class Once extends Base {
        override connectionMade(transport: { sendto(data: string, addr: unknown): void }): void {
          Object.assign(this, { transport });
        }
        override datagramReceived(data: Buffer): void {
          console.log(String(data));
          (this as unknown as { transport: { close(): void } }).transport.close();
        }
        override connectionLost(): void {
          console.log('lost');
        }
      }
      const loop = make();
      const [transport] = await loop.createDatagramEndpoint(() => new Once(), {
        localAddr: ['127.0.0.1', 0],
      });
      const to = transport.getExtraInfo('sockname') as never;
      setTimeout(() => transport.sendto('heard', to), 20).unref();
    });
    assertPrinted(outcome, 'heard', 'lost');
  });
});
