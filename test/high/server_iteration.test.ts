/**
 * `for await (const [reader, writer] of server)`: servers that startServer(null, …) and startUnixServer(null, …) make.
 *
 * Guards: connections come in their order, no more are accepted than the backlog says before somebody takes them, and
 * whatever ends the iteration leaves no connection that nobody has.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelledError,
  createTask,
  openUnixConnection,
  type Server,
  type SocketAddress,
  type StreamPair,
  sleep,
  startServer,
  startUnixServer,
} from 'uvio';
import { Peer, portOf } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask } from './stream_support.js';

type Iterable = Server<SocketAddress, StreamPair>;

/** Runs `body` with a server, which must end with all of its connections gone. */
function withIterable(
  body: (server: Iterable, port: number) => Promise<void>,
  backlog = 100,
): Promise<void> {
  return inTask(async () => {
    const server = await startServer(null, '127.0.0.1', 0, { backlog });
    await body(server, portOf(server));
    server.close();
    await server.waitClosed();
  });
}

/** A client that is closed when its connection is. */
async function client(port: number): Promise<Peer> {
  const peer = await Peer.connect(port);
  peer.socket.on('end', () => peer.socket.destroy());
  return peer;
}

/** Connections accepted in this test. */
let acceptances = 0;
const count = () => acceptances++;

/** Waits until so many were accepted. */
async function accepted(number: number): Promise<void> {
  while (acceptances < number) await sleep(0);
}

describe('iterating over a server', () => {
  leavesNothingOpen();

  before(() => subscribe('net.server.socket', count));
  after(() => unsubscribe('net.server.socket', count));
  beforeEach(() => {
    acceptances = 0;
  });

  it('gives the connections as they come, until the server is closed', () =>
    withIterable(async (server, port) => {
      const lines: string[] = [];
      const serving = createTask(async () => {
        for await (const [reader, writer] of server) {
          lines.push(String(await reader.readline()));
          writer.write(`you are number ${lines.length}\n`);
          writer.close();
        }
        return 'ended';
      });
      for (const name of ['ann', 'bob', 'eve']) {
        const peer = await client(port);
        peer.socket.write(`${name}\n`);
        await peer.closed;
        equal(peer.inbox.text(), `you are number ${lines.length}\n`);
      }
      server.close();
      equal(await serving, 'ended');
      deepEqual(lines, ['ann\n', 'bob\n', 'eve\n']);
    }));

  it('serves many at a time when each gets a task', () =>
    withIterable(async (server, port) => {
      const serving = createTask(async () => {
        for await (const [reader, writer] of server) {
          createTask(async () => {
            writer.write(await reader.read(100));
            writer.close();
          });
        }
      });
      const peers = await Promise.all(Array.from({ length: 30 }, () => client(port)));
      for (const [index, peer] of peers.reverse().entries()) peer.socket.write(`${index}`);
      await Promise.all(peers.map((peer) => peer.closed));
      deepEqual(
        peers.map((peer) => peer.inbox.text()),
        peers.map((_, index) => `${index}`),
      );
      server.close();
      await serving;
    }));

  it('shares the connections between several who iterate', () =>
    withIterable(async (server, port) => {
      const taken: string[] = [];
      const worker = (name: string) =>
        createTask(async () => {
          for await (const [reader, writer] of server) {
            taken.push(name);
            await reader.read();
            writer.close();
          }
        });
      const workers = [worker('one'), worker('two')];
      await sleep(0);
      const peers = [await client(port), await client(port)];
      while (taken.length < 2) await sleep(0);
      deepEqual(taken.sort(), ['one', 'two']);
      for (const peer of peers) peer.socket.end();
      await Promise.all(peers.map((peer) => peer.closed));
      server.close();
      for (const one of workers) await one;
    }));

  it('accepts no more in advance than the backlog, and goes on when they are taken', () =>
    withIterable(async (server, port) => {
      // So many, and so many at a time, that what the server does not accept fits the kernel's queue.
      const four = () => Promise.all(Array.from({ length: 4 }, () => client(port)));
      const peers = await four();
      await accepted(4);
      peers.push(...(await four()));
      for (const [index, peer] of peers.entries()) peer.socket.write(`${index}`);
      // Time enough for more, if there were to be more.
      for (let turn = 0; turn < 50; turn++) await sleep(0);
      equal(acceptances, 4);
      const received: string[] = [];
      for await (const [reader, writer] of server) {
        received.push(String(await reader.read(10)));
        writer.close();
        ok(acceptances - received.length <= 4, `${acceptances} accepted, ${received.length} taken`);
        if (received.length === 8) break;
      }
      deepEqual(received.sort(), [...'01234567']);
      await Promise.all(peers.map((peer) => peer.closed));
    }, 4));

  it('closes what nobody took when the loop is left early, and can begin again', () =>
    withIterable(async (server, port) => {
      const peers = await Promise.all([client(port), client(port), client(port)]);
      await accepted(3);
      for await (const [, writer] of server) {
        writer.close();
        break;
      }
      await Promise.all(peers.map((peer) => peer.closed));
      const later = await client(port);
      for await (const [, writer] of server) {
        writer.write('again');
        writer.close();
        break;
      }
      await later.closed;
      equal(later.inbox.text(), 'again');
    }));

  it('closes what nobody took when the server is closed', () =>
    withIterable(async (server, port) => {
      const peers = await Promise.all([client(port), client(port)]);
      await accepted(2);
      server.close();
      await server.waitClosed();
      await Promise.all(peers.map((peer) => peer.closed));
      for await (const _ of server) throw new Error('a connection of a closed server');
    }));

  it('is ended by cancelling the task, which loses nothing and leaves nothing', () =>
    withIterable(async (server, port) => {
      let taken = 0;
      const serving = createTask(async () => {
        for await (const [, writer] of server) {
          taken++;
          writer.close();
        }
      });
      const peer = await client(port);
      await peer.closed;
      serving.cancel();
      await rejects(serving, CancelledError);
      equal(taken, 1);
      const waiting = await client(port);
      await accepted(2);
      server.close();
      await waiting.closed;
    }));

  it('works on unix sockets', () =>
    inTask(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'uvio-'));
      const path = join(folder, 'socket');
      await using server = await startUnixServer(null, path);
      const serving = createTask(async () => {
        for await (const [reader, writer] of server) {
          writer.write(await reader.readline());
          writer.close();
        }
      });
      const [reader, writer] = await openUnixConnection(path);
      writer.write('hello\n');
      equal(String(await reader.read()), 'hello\n');
      writer.close();
      server.close();
      await serving;
      rmSync(folder, { recursive: true });
    }));

  it('is refused where connections go to a callback', () =>
    inTask(async () => {
      await using server = await startServer(() => {}, '127.0.0.1', 0);
      throws(() => server[Symbol.asyncIterator](), {
        name: 'RuntimeError',
        message: /has a callback: only what startServer\(null, …\) made can be iterated/,
      });
      throws(() => startServer(undefined as never), /clientConnectedCb must be a function/);
    }));
});
