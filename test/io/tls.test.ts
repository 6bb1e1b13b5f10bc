/**
 * TLS with peers that are not ours: node:tls on the other side of a server and of a client.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import tls from 'node:tls';
import type { Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withUnixServer } from './local_peers.js';
import { BufferedEcho, Echo, Recorder, randomData, sha256, withLoop } from './peers.js';
import {
  SERVER,
  TlsPeer,
  TRUST,
  tlsOf,
  withBothEngines,
  withNodeServer,
  withTlsServer,
} from './tls_peers.js';

/** What the only connection of a server sees. */
const recording = (server: Recorder) => () => server;

describe('TLS', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    it('a server answers a client of node:tls', () =>
      withTlsServer(
        () => new Echo(),
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          equal(peer.socket.authorized, true);
          equal(await peer.ask('hello'), 'hello');
          equal(await peer.ask('x'.repeat(100_000)), 'x'.repeat(100_000));
          await peer.close();
        },
      ));

    it('a client talks to a server of node:tls', () =>
      withNodeServer(
        SERVER,
        (socket) => socket.pipe(socket),
        (port) =>
          withLoop(async (loop) => {
            const client = new Recorder();
            const ssl = TRUST;
            const options = { ssl, serverHostname: 'localhost' };
            const [transport, protocol] = await loop.createConnection(
              () => client,
              '127.0.0.1',
              port,
              options,
            );
            equal(protocol, client);
            equal(transport, client.transport);
            transport.write('hello');
            await client.inbox.has(5);
            equal(client.inbox.text(), 'hello');
            transport.close();
            equal(await client.lost, null);
          }),
      ));

    for (const versions of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`16 MiB pass in both directions at once, unharmed (${versions})`, () =>
        withTlsServer(
          () => new Echo(),
          async ({ loop, port }) => {
            const data = randomData(16 * 1024 * 1024);
            const client = new Recorder();
            const [transport] = await loop.createConnection(() => client, 'localhost', port, {
              family: 4,
              ssl: TRUST,
            });
            equal(tlsOf(transport).getProtocol(), versions);
            for (let at = 0, size = 1; at < data.length; at += size, size = (size * 3) % 99_991) {
              transport.write(data.subarray(at, at + size));
            }
            await client.inbox.has(data.length);
            equal(sha256(client.inbox.chunks), sha256(data));
            transport.close();
            await client.lost;
          },
          { ...SERVER, maxVersion: versions },
        ));
    }

    it('a BufferedProtocol reads and writes with one memory', () =>
      withTlsServer(
        () => new BufferedEcho(Buffer.alloc(1000)),
        async ({ port }) => {
          const peer = await TlsPeer.secure(port);
          const data = randomData(300_000).toString('latin1');
          equal(await peer.ask(data), data);
          await peer.close();
        },
      ));

    it('several writes of one round are one record', () => {
      const server = new Recorder({
        connectionMade(transport) {
          for (const word of ['one ', 'two ', 'three']) transport.write(word);
        },
      });
      return withTlsServer(recording(server), async ({ port }) => {
        const peer = await TlsPeer.secure(port);
        await peer.inbox.has(13);
        deepEqual(peer.inbox.chunks.map(String), ['one two three']);
        await peer.close();
      });
    });

    it('another protocol may take over', () => {
      const second = new Recorder();
      const server: Recorder = new Recorder({
        dataReceived(_data, transport: Transport) {
          transport.setProtocol(second);
        },
      });
      return withTlsServer(recording(server), async ({ port }) => {
        const peer = await TlsPeer.secure(port);
        peer.socket.write('one');
        await server.inbox.has(3);
        equal(server.transport.getProtocol(), second);
        peer.socket.write('two');
        await second.inbox.has(3);
        equal(second.inbox.text(), 'two');
        equal(server.inbox.text(), 'one');
        await peer.close();
        await second.lost;
        equal(server.events.includes('connectionLost'), false);
      });
    });

    it('unix sockets carry it too', () =>
      withUnixServer(
        () => new Echo(),
        async ({ loop, path }) => {
          const client = new Recorder();
          const options = { ssl: TRUST, serverHostname: 'localhost' };
          const [transport] = await loop.createUnixConnection(() => client, path, options);
          transport.write('hello');
          await client.inbox.has(5);
          equal(transport.getExtraInfo('peername'), path);
          transport.close();
          await client.lost;
        },
        { ssl: SERVER },
      ));

    it('connectAcceptedSocket() is the server’s side', async () => {
      const listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const { port } = listener.address() as AddressInfo;
      const socket = tls.connect({ host: 'localhost', port, family: 4, ...TRUST } as object);
      const peer = new TlsPeer(socket);
      const [accepted] = await once(listener, 'connection');
      await withLoop(async (loop) => {
        const server = new Recorder({ dataReceived: (data, to) => to.write(data) });
        const [transport] = await loop.connectAcceptedSocket(() => server, accepted._handle.fd, {
          ssl: SERVER,
        });
        accepted.destroy();
        equal(await peer.ask('hello'), 'hello');
        equal(tlsOf(transport).serverSide, true);
        socket.end();
        equal(await server.lost, null);
      });
      await peer.closed;
      listener.close();
      await once(listener, 'close');
    });
  });
});
