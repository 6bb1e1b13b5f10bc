/**
 * connectAcceptedSocket: a transport of a socket that was accepted outside of the loop.
 *
 * The sockets come from node:net, whose handles tell their descriptors, and from a parent process. Guards:
 * TCP and unix sockets become what createConnection would have made of them, the socket is the
 * transport's from then on, and anything but a connected stream socket is refused and left alone.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer, type ListenOptions, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EventLoop, Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { connectPeer, isOpen, withFolder, withPipe } from './local_peers.js';
import { BufferedEcho, Echo, Peer, Recorder, withLoop } from './peers.js';
import { root, sourceOf } from './programs.js';

const descriptorOf = (owner: object) => (owner as { _handle: { fd: number } })._handle.fd;

function datagramDescriptor(socket: object): number {
  const state = Object.getOwnPropertySymbols(socket).find((symbol) => /state/.test(String(symbol)));
  return (socket as Record<symbol, { handle: { fd: number } }>)[state as symbol]?.handle
    .fd as number;
}

/** Runs `body` with a connection that a server of Node's has accepted, and its peer. */
async function withAccepted(
  where: ListenOptions,
  body: (accepted: Socket, peer: Peer) => Promise<void>,
): Promise<void> {
  const server = createServer({ pauseOnConnect: true }).listen(where);
  await once(server, 'listening');
  const accepting = once(server, 'connection');
  const address = server.address() as { port: number } | string;
  const peer = await (typeof address === 'string'
    ? connectPeer(address)
    : Peer.connect(address.port));
  const [accepted] = (await accepting) as [Socket];
  try {
    await body(accepted, peer);
  } finally {
    accepted.destroy();
    await peer.close();
    server.close();
    await once(server, 'close');
  }
}

/** What Node lets go of when its own socket is destroyed. */
async function adopt(loop: EventLoop, accepted: Socket, protocol: Recorder | BufferedEcho) {
  const [transport] = await loop.connectAcceptedSocket(() => protocol, descriptorOf(accepted));
  accepted.destroy();
  await once(accepted, 'close');
  return transport as Transport;
}

describe('connectAcceptedSocket()', () => {
  leavesNothingOpen();

  it('takes a TCP connection, with addresses and no-delay', async () => {
    await withLoop((loop) =>
      withAccepted({ port: 0, host: '127.0.0.1' }, async (accepted, peer) => {
        const protocol = new Recorder({ dataReceived: (data, to) => to.write(data) });
        const transport = await adopt(loop, accepted, protocol);
        equal(transport.getExtraInfo('peername')?.port, peer.socket.localPort);
        equal(transport.getExtraInfo('sockname')?.port, peer.socket.remotePort);
        equal(await peer.ask('hello'), 'hello');
        peer.socket.end();
        equal(await protocol.lost, null);
        deepEqual(protocol.events, [
          'connectionMade',
          'dataReceived',
          'eofReceived',
          'connectionLost',
        ]);
        equal(transport.getExtraInfo('socket')?.fileno(), -1);
      }),
    );
  });

  it('takes a unix connection, for a BufferedProtocol too', async () => {
    await withFolder((folder) =>
      withLoop((loop) =>
        withAccepted({ path: `${folder}/socket` }, async (accepted, peer) => {
          const transport = await adopt(loop, accepted, new BufferedEcho());
          equal(transport.getExtraInfo('sockname'), `${folder}/socket`);
          equal(await peer.ask('hello'), 'hello');
          transport.close();
          await peer.closed;
        }),
      ),
    );
  });

  it('closes the descriptor that it was given', async () => {
    await withLoop(async (loop) => {
      const program = sourceOf(async ({ newEventLoop }, { Echo: Served, fs }) => {
        const own = newEventLoop();
        const [transport, served] = await own.connectAcceptedSocket(() => new Served(), 3);
        const lost = new Promise((resolve) => {
          served.connectionLost = resolve;
        });
        transport.write('ready');
        await lost;
        await new Promise(setImmediate);
        fs.writeSync(1, String(fs.existsSync('/proc/self/fd/3')));
      }, undefined);
      const child = spawn(process.execPath, ['--eval', program], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      });
      const peer = new Peer(child.stdio[3] as Duplex as Socket);
      let output = '';
      child.stdout?.on('data', (data) => {
        output += data;
      });
      await peer.inbox.has(5);
      equal(await peer.ask('hello'), 'hello');
      peer.socket.end();
      await once(child, 'close');
      equal(output, 'false');
      ok(loop.time() > 0);
    });
  });

  it('takes an object that has the descriptor, and calls its close()', async () => {
    await withLoop((loop) =>
      withAccepted({ port: 0, host: '127.0.0.1' }, async (accepted, peer) => {
        let closed = 0;
        const close = () => {
          closed++;
          accepted.destroy();
        };
        const protocol = new Recorder();
        await loop.connectAcceptedSocket(() => protocol, { fd: descriptorOf(accepted), close });
        await peer.close();
        equal(await protocol.lost, null);
        equal(closed, 1);
      }),
    );
  });

  it('reports what close() of that object throws', async () => {
    await withLoop((loop, reports) =>
      withAccepted({ port: 0, host: '127.0.0.1' }, async (accepted, peer) => {
        const close = async () => {
          throw new Error('will not close');
        };
        const protocol = new Recorder();
        await loop.connectAcceptedSocket(() => protocol, { fd: descriptorOf(accepted), close });
        await peer.close();
        await protocol.lost;
        await new Promise(setImmediate);
        const message = 'Error on closing the object that a transport was given';
        const [report] = reports.splice(0);
        deepEqual([report?.message, String(report?.exception)], [message, 'Error: will not close']);
      }),
    );
  });

  it('leaves what arrives unread when the socket is only written to, until it ends', async () => {
    await withLoop((loop) =>
      withAccepted({ port: 0, host: '127.0.0.1' }, async (accepted, peer) => {
        const protocol = new Recorder();
        const [transport] = await loop.connectWritePipe(() => protocol, descriptorOf(accepted));
        peer.socket.write('noise');
        transport.write('hello');
        await peer.inbox.has(5);
        for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
        equal(transport.isClosing(), false);
        peer.socket.end();
        equal(await protocol.lost, null);
        deepEqual(protocol.events, ['connectionMade', 'connectionLost']);
      }),
    );
  });

  it('refuses what is no connected stream socket', async () => {
    await withPipe(async ({ loop, folder, reading }) => {
      const refuse = (descriptor: number, expected: object) =>
        rejects(
          loop.connectAcceptedSocket(() => new Echo(), descriptor),
          expected,
        );
      const datagrams = createSocket('udp4').bind(0, '127.0.0.1');
      await once(datagrams, 'listening');
      const file = openSync(`${folder}/file`, 'w');
      for (const descriptor of [reading, datagramDescriptor(datagrams), file]) {
        const message = `A Stream Socket was expected, got ${descriptor}`;
        await refuse(descriptor, { name: 'TypeError', message });
      }
      datagrams.close();
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      await refuse(descriptorOf(server), { code: 'ENOTCONN', syscall: 'open' });
      ok(isOpen(descriptorOf(server)));
      server.close();
      await once(server, 'close');
      closeSync(file);
      await refuse(file, { code: 'EBADF' });
    });
  });
});
