/**
 * Datagram endpoints with each other and with node:dgram.
 *
 * Guards: a datagram is one datagram, whatever its size; addresses go out as they came in; batches lose
 * nothing and keep their order; the memory given to sendto is the caller's again.
 */

import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import type { DatagramProtocol, Future, SocketAddress } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import {
  addressOf,
  closeAll,
  DatagramPeer,
  DatagramRecorder,
  echo,
  endpoint,
} from './datagram_peers.js';
import { randomData, sha256, withLoop } from './peers.js';

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);
describe('datagram endpoints', () => {
  leavesNothingOpen();

  it('an endpoint that is given up when its protocol is made hears of its beginning and end', () =>
    withLoop(async (loop) => {
      const protocol = new DatagramRecorder();
      const opening: Future<unknown> = loop.createDatagramEndpoint(
        () => {
          loop.callSoon(() => opening.cancel());
          return protocol;
        },
        { localAddr: ['127.0.0.1', 0] },
      );
      await rejects(Promise.resolve(opening), { name: 'CancelledError' });
      await protocol.lost;
      deepEqual(protocol.events, ['connectionMade', 'connectionLost']);
    }));

  it('receive, answer, and know who sent what', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop, undefined, echo());
      const peers = [await DatagramPeer.bind(), await DatagramPeer.bind()];
      for (const peer of peers) {
        peer.send(`from ${peer.port}`, addressOf(server));
        const { data, from } = await peer.inbox.next();
        equal(data.toString(), `from ${peer.port}`);
        equal(from.port, addressOf(server).port);
        const received = await server.inbox.next();
        deepEqual(received.addr, { address: '127.0.0.1', port: peer.port, family: 'IPv4' });
        await peer.close();
      }
      await closeAll(server);
      equal(await server.lost, null);
      deepEqual(server.events, ['connectionMade', 'datagramReceived', 'connectionLost']);
    }));

  it('send to addresses in any form', () =>
    withLoop(async (loop) => {
      const sender = await endpoint(loop);
      const receiver = await endpoint(loop);
      const to = addressOf(receiver);
      const forms = [to, { address: to.address, port: to.port }, [to.address, to.port]] as const;
      for (const form of forms) sender.transport.sendto(`to ${Object.keys(form).length}`, form);
      deepEqual(
        [await receiver.text(), await receiver.text(), await receiver.text()],
        ['to 3', 'to 2', 'to 2'],
      );
      await closeAll(sender, receiver);
    }));

  it('are connected with remoteAddr, and hear nobody else', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop, undefined, echo());
      const to = addressOf(server);
      const client = await endpoint(loop, { remoteAddr: to });
      deepEqual(client.transport.getExtraInfo('peername'), to);
      equal(server.transport.getExtraInfo('peername'), undefined);
      const stranger = await endpoint(loop);
      stranger.transport.sendto('stranger', addressOf(client));
      client.transport.sendto('1');
      client.transport.sendto('2', null);
      client.transport.sendto('3', to);
      client.transport.sendto('4', [to.address, to.port]);
      for (const text of ['1', '2', '3', '4']) equal(await client.text(), text);
      await closeAll(server, client, stranger);
    }));

  it('may have both a local and a remote address, given by name', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop, { localAddr: ['localhost', 0], family: 4 }, echo());
      const { port } = addressOf(server);
      const client = await endpoint(loop, {
        localAddr: ['127.0.0.1', 0],
        remoteAddr: ['localhost', port],
      });
      notEqual(addressOf(client).port, 0);
      client.transport.sendto('hello');
      equal(await client.text(), 'hello');
      equal((await server.inbox.next()).addr.port, addressOf(client).port);
      await closeAll(server, client);
    }));

  it('without an address get one when they begin to receive', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop, undefined, echo());
      const client = await endpoint(loop, { family: 4 });
      client.transport.sendto('hello', addressOf(server));
      equal(await client.text(), 'hello');
      equal(addressOf(client).address, '0.0.0.0');
      await closeAll(server, client);
    }));

  it('bring every size, the empty datagram and the largest among them', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop, undefined, echo());
      const client = await endpoint(loop, { remoteAddr: addressOf(server) });
      for (const size of [0, 1, 1472, 1473, 9000, 16 * 1024, 65_507]) {
        const data = randomData(size);
        client.transport.sendto(data);
        const back = await client.inbox.next();
        equal(back.data.length, size);
        equal(sha256(back.data), sha256(data));
      }
      await closeAll(server, client);
    }));

  it('bring batches in order, whole, and each in memory of its own', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop);
      const client = await endpoint(loop, { remoteAddr: addressOf(server) });
      server.transport.getExtraInfo('socket').setRecvBufferSize(1 << 20);
      const sizes = Array.from({ length: 100 }, (_, index) => (index * 977) % 3000);
      for (let round = 0; round < 5; round++) {
        for (const [index, size] of sizes.entries()) {
          client.transport.sendto(Buffer.alloc(size + 1, index));
        }
        for (const [index, size] of sizes.entries()) {
          const { data } = await server.inbox.next();
          ok(data.equals(Buffer.alloc(size + 1, index)));
        }
      }
      // What was received earlier is still there.
      for (const [index, { data }] of server.inbox.all.entries()) {
        equal(data[0], index % sizes.length);
      }
      await closeAll(server, client);
    }));

  it('bring batches of large datagrams, which no region holds at once', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop);
      const client = await endpoint(loop, { remoteAddr: addressOf(server) });
      server.transport.getExtraInfo('socket').setRecvBufferSize(8 << 20);
      const sent = Array.from({ length: 3 }, (_, index) => Buffer.alloc(60_000, index + 1));
      for (const data of sent) client.transport.sendto(data);
      for (const data of sent) ok((await server.inbox.next()).data.equals(data));
      await closeAll(server, client);
    }));

  it('leave the memory given to sendto to its owner', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop);
      const client = await endpoint(loop, { remoteAddr: addressOf(server) });
      const memory = Buffer.alloc(4);
      for (const text of ['aaaa', 'bbbb', 'cccc']) {
        memory.write(text);
        client.transport.sendto(memory);
      }
      memory.fill(0);
      deepEqual(
        [await server.text(), await server.text(), await server.text()],
        ['aaaa', 'bbbb', 'cccc'],
      );
      client.transport.sendto(new Uint16Array([0x6161]));
      client.transport.sendto(new TextEncoder().encode('xay').buffer as ArrayBuffer);
      client.transport.sendto('é');
      deepEqual([await server.text(), await server.text()], ['aa', 'xay']);
      equal((await server.inbox.next()).data.toString(), 'é');
      await closeAll(server, client);
    }));

  it('talk IPv6', function () {
    if (!hasIPv6) this.skip();
    return withLoop(async (loop) => {
      const server = await endpoint(loop, { localAddr: ['::1', 0] }, echo());
      const peer = await DatagramPeer.bind('udp6');
      peer.send('six', addressOf(server));
      equal((await peer.inbox.next()).data.toString(), 'six');
      deepEqual((await server.inbox.next()).addr, {
        address: '::1',
        port: peer.port,
        family: 'IPv6',
      });
      const client = await endpoint(loop, { remoteAddr: ['::1', addressOf(server).port] });
      client.transport.sendto('connected');
      equal(await client.text(), 'connected');
      await peer.close();
      await closeAll(server, client);
    });
  });

  it('know thousands of senders apart', function () {
    this.timeout(20_000);
    return withLoop(async (loop) => {
      const server = await endpoint(loop, undefined, echo());
      const to = addressOf(server);
      for (let count = 0; count < 4500; count++) {
        const client = await endpoint(loop, { remoteAddr: to });
        client.transport.sendto(String(count));
        equal(await client.text(), String(count));
        equal((await server.inbox.next()).addr.port, addressOf(client).port);
        await closeAll(client);
      }
      await closeAll(server);
    });
  });

  it('give out addresses that nobody can change', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop, undefined, echo());
      const client = await endpoint(loop, { remoteAddr: addressOf(server) });
      client.transport.sendto('x');
      const { addr } = await server.inbox.next();
      ok(Object.isFrozen(addr));
      equal(await client.text(), 'x');
      await closeAll(server, client);
    }));

  it('share a port with reusePort', () =>
    withLoop(async (loop) => {
      const first = await endpoint(loop, { localAddr: ['127.0.0.1', 0], reusePort: true });
      const localAddr = addressOf(first);
      const second = await endpoint(loop, { localAddr, reusePort: true });
      equal(addressOf(second).port, localAddr.port);
      const sender = await endpoint(loop);
      for (let count = 0; count < 64; count++) {
        const one = await endpoint(loop, { remoteAddr: localAddr });
        one.transport.sendto('x');
        await closeAll(one);
      }
      // The kernel spreads senders over the two.
      while (first.inbox.all.length + second.inbox.all.length < 64) {
        await new Promise(setImmediate);
      }
      ok(first.inbox.all.length > 0 && second.inbox.all.length > 0);
      await closeAll(first, second, sender);
    }));

  it('take any object with the methods for a protocol', () =>
    withLoop(async (loop) => {
      const heard: string[] = [];
      const plain = {
        connectionMade: () => heard.push('made'),
        connectionLost: () => heard.push('lost'),
        datagramReceived: (data: Buffer, addr: SocketAddress) =>
          heard.push(`${data} ${addr.family}`),
      };
      const [transport] = await loop.createDatagramEndpoint(
        () => plain as unknown as DatagramProtocol,
        {
          localAddr: ['127.0.0.1', 0],
        },
      );
      const client = await endpoint(loop, {
        remoteAddr: transport.getExtraInfo('sockname') as SocketAddress,
      });
      client.transport.sendto('hello');
      while (heard.length < 2) await new Promise(setImmediate);
      transport.close();
      while (heard.length < 3) await new Promise(setImmediate);
      deepEqual(heard, ['made', 'hello IPv4', 'lost']);
      await closeAll(client);
    }));

  it('have a protocol that can be changed', () =>
    withLoop(async (loop) => {
      const first = await endpoint(loop);
      const second = new DatagramRecorder();
      const client = await endpoint(loop, { remoteAddr: addressOf(first) });
      equal(first.transport.getProtocol(), first);
      first.transport.setProtocol(second);
      client.transport.sendto('x');
      equal(await second.text(), 'x');
      first.transport.close();
      await second.lost;
      await closeAll(client);
    }));
});
