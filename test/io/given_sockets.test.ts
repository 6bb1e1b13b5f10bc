/**
 * `sock`: connections, servers and datagram endpoints over sockets that the program has made.
 *
 * Guards: whatever form the socket has (a Socket, a number, an object with fd), the transport or server owns it, and closes
 * it with itself and not before; a socket of the wrong kind is refused with asyncio's words, and stays the program's.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { closeSync, existsSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  DatagramProtocol,
  type DescriptorSource,
  getRunningLoop,
  openConnection,
  openUnixConnection,
  Protocol,
  run,
  SO_BROADCAST,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  type SocketAddress,
  startServer,
} from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFolder } from './local_peers.js';
import { attempt, Deferred, Echo, Peer, portOf, Recorder, withLoop, withServer } from './peers.js';

const factory = () => new Protocol();

const isOpen = (fd: number) => {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
};

/** A socket in the forms in which one can be given. */
const forms: [string, (socket: Socket) => DescriptorSource][] = [
  ['a Socket', (socket) => socket],
  ['a number', (socket) => socket.detach()],
  ['an object with fd', (socket) => ({ fd: socket.detach() })],
];

describe('a socket of the program', () => {
  leavesNothingOpen();

  for (const [form, give] of forms) {
    it(`as ${form} is a connection`, () =>
      withServer(
        () => new Echo(),
        async ({ loop, port }) => {
          const socket = new Socket();
          await loop.sockConnect(socket, ['127.0.0.1', port]);
          const fd = socket.fd;
          const local = socket.getsockname();
          const client = new Recorder();
          const options = { sock: give(socket), keepAlive: true };
          const [transport] = await loop.createConnection(() => client, null, null, options);
          deepEqual(transport.getExtraInfo('sockname'), local);
          transport.write('hello');
          await client.inbox.has(5);
          ok(isOpen(fd));
          transport.close();
          await client.lost;
          await new Promise(setImmediate);
          equal(isOpen(fd), false);
        },
      ));

    it(`as ${form} is a server`, () =>
      withLoop(async (loop) => {
        const socket = new Socket();
        socket.bind(['127.0.0.1', 0]);
        const { fd } = socket;
        const { port } = socket.getsockname();
        const options = { sock: give(socket), backlog: 5 };
        const server = await loop.createServer(() => new Echo(), null, null, options);
        equal(portOf(server), port);
        const peer = await Peer.connect(port);
        equal(await peer.ask('hello'), 'hello');
        await peer.close();
        server.close();
        equal(await attempt(port), 'ECONNREFUSED');
        await server.waitClosed();
        await new Promise(setImmediate);
        equal(isOpen(fd), false);
      }));

    it(`as ${form} is a datagram endpoint`, () =>
      withLoop(async (loop) => {
        const socket = new Socket(4, SOCK_DGRAM);
        socket.bind(['127.0.0.1', 0]);
        socket.setsockopt(SOL_SOCKET, SO_BROADCAST, 1);
        const { fd } = socket;
        const address = socket.getsockname();
        const received = new Deferred<[string, SocketAddress]>();
        const lost = new Deferred<void>();
        class Receiver extends DatagramProtocol {
          override datagramReceived(data: Buffer, from: SocketAddress): void {
            received.resolve([String(data), from]);
          }
          override connectionLost(): void {
            lost.resolve();
          }
        }
        const options = { sock: give(socket) };
        const [transport] = await loop.createDatagramEndpoint(() => new Receiver(), options);
        deepEqual(transport.getExtraInfo('sockname'), address);
        equal(transport.getExtraInfo('socket').getsockopt(SOL_SOCKET, SO_BROADCAST), 1);
        using other = new Socket(4, SOCK_DGRAM);
        await loop.sockSendto(other, 'hello', address);
        const [text, from] = await received.promise;
        equal(text, 'hello');
        transport.sendto('answer', from);
        equal(String(await loop.sockRecv(other, 100)), 'answer');
        transport.close();
        await lost.promise;
        await new Promise(setImmediate);
        equal(isOpen(fd), false);
      }));
  }

  it('that is connected is a datagram endpoint with a remote address', () =>
    withLoop(async (loop) => {
      using other = new Socket(4, SOCK_DGRAM);
      other.bind(['127.0.0.1', 0]);
      const sock = new Socket(4, SOCK_DGRAM);
      await loop.sockConnect(sock, other.getsockname());
      const lost = new Deferred<void>();
      class Sender extends DatagramProtocol {
        override connectionLost(): void {
          lost.resolve();
        }
      }
      const [transport] = await loop.createDatagramEndpoint(() => new Sender(), { sock });
      deepEqual(transport.getExtraInfo('peername'), other.getsockname());
      transport.sendto('to the peer');
      equal(String(await loop.sockRecv(other, 100)), 'to the peer');
      transport.abort();
      await lost.promise;
    }));

  it('that is a unix socket is a connection, or a server that removes its file', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        const path = join(folder, 'socket');
        const listener = new Socket<string>('unix');
        listener.bind(path);
        const options = { sock: listener };
        const server = await loop.createUnixServer(() => new Echo(), null, options);
        const unix = (sock: Socket) => loop.createUnixConnection(() => client, null, { sock });
        const any = (sock: Socket) => loop.createConnection(() => client, null, null, { sock });
        let client = new Recorder();
        for (const connect of [unix, any]) {
          const sock = new Socket('unix');
          await loop.sockConnect(sock, path);
          client = new Recorder();
          const [transport] = await connect(sock);
          equal(transport.getExtraInfo('peername'), path as never);
          transport.close();
          await client.lost;
        }
        server.close();
        await server.waitClosed();
        equal(existsSync(path), false);
        const kept = new Socket<string>('unix');
        kept.bind(path);
        const plain = await loop.createServer(() => new Echo(), null, null, { sock: kept });
        equal(plain.sockets[0]?.getsockname(), path as never);
        plain.close();
        await plain.waitClosed();
        ok(existsSync(path));
      }),
    ));

  it('carries streams', async () => {
    await run(async () => {
      const loop = getRunningLoop();
      const sock = new Socket();
      sock.bind(['127.0.0.1', 0]);
      const server = await startServer(
        async (reader, writer) => {
          writer.write(await reader.readline());
          writer.close();
        },
        null,
        null,
        { sock },
      );
      const client = new Socket();
      await loop.sockConnect(client, server.sockets[0]?.getsockname() as SocketAddress);
      const [reader, writer] = await openConnection(null, null, { sock: client });
      writer.write('line\n');
      equal(String(await reader.readline()), 'line\n');
      writer.close();
      await server[Symbol.asyncDispose]();
      throws(() => openUnixConnection(null), /no path and sock were specified/);
    });
  });

  it('of the wrong kind is refused, and stays open', () =>
    withLoop(async (loop) => {
      using datagrams = new Socket(4, SOCK_DGRAM);
      using stream = new Socket();
      const kind = (words: string, socket: Socket) => ({
        name: 'TypeError',
        message: `${words} was expected, got <Socket fd=${socket.fd}, family=4, type=${socket.type}>`,
      });
      const wrongStream = kind('A Stream Socket', datagrams);
      await rejects(loop.createConnection(factory, null, null, { sock: datagrams }), wrongStream);
      await rejects(loop.createServer(factory, null, null, { sock: datagrams }), wrongStream);
      const wrongUnix = kind('A UNIX Domain Stream Socket', stream);
      await rejects(loop.createUnixConnection(factory, null, { sock: stream }), wrongUnix);
      await rejects(loop.createUnixServer(factory, null, { sock: stream }), wrongUnix);
      const endpoint = loop.createDatagramEndpoint(() => new DatagramProtocol(), { sock: stream });
      await rejects(endpoint, kind('A datagram socket', stream));
      deepEqual([stream.type, datagrams.type], [SOCK_STREAM, SOCK_DGRAM]);
      ok(stream.fd > 0 && datagrams.fd > 0);
      const file = openSync('/dev/null', 'r');
      await rejects(loop.createConnection(factory, null, null, { sock: file }), /Stream Socket/);
      await rejects(loop.createServer(factory, null, null, { sock: file }), /Stream Socket/);
      closeSync(file);
      await rejects(loop.createServer(factory, null, null, { sock: 0x7fffffff }), {
        code: 'EBADF',
      });
      using closed = new Socket();
      closed.close();
      throws(
        () => loop.createServer(factory, null, null, { sock: closed }),
        /^RangeError: sock.fd/,
      );
    }));

  it('that is not connected is no connection', () =>
    withLoop(async (loop) => {
      using sock = new Socket();
      await rejects(loop.createConnection(factory, null, null, { sock }), { code: 'ENOTCONN' });
      ok(sock.fd > 0);
    }));

  it('of a datagram endpoint takes no options that are for making one', () =>
    withLoop(async (loop) => {
      using sock = new Socket(4, SOCK_DGRAM);
      const options = { sock, reusePort: true, family: 4, allowBroadcast: false } as const;
      throws(
        () => loop.createDatagramEndpoint(() => new DatagramProtocol(), options),
        /arguments can not be used when sock is specified. \(reusePort=true, family=4\)/,
      );
    }));
});
