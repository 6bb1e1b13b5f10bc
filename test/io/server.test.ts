/**
 * Server: its life from createServer to waitClosed, as in asyncio (Python 3.12 and later).
 *
 * Guards: close() stops listening and spares connections, closeClients() and abortClients() end them,
 * waitClosed() waits for the last, serveForever() ends only by cancellation, and the port is free
 * afterwards.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { CancelledError, RuntimeError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { attempt, Echo, Peer, portOf, Recorder, withLoop, withServer } from './peers.js';

describe('a server', () => {
  leavesNothingOpen();

  it('serves at once, tells its address, and is closed once', async () => {
    await withLoop(async (loop) => {
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      ok(server.isServing());
      equal(server.getLoop(), loop);
      equal(server.sockets.length, 1);
      const [socket] = server.sockets;
      const address = socket?.getsockname();
      ok((address?.port as number) > 0);
      deepEqual(address, { address: '127.0.0.1', port: address?.port, family: 'IPv4' });
      ok((socket?.fileno() as number) > 2);
      throws(() => socket?.getpeername(), { code: 'ENOTCONN', syscall: 'getpeername' });
      ok(String(server).includes(`127.0.0.1:${address?.port}`));
      server.close();
      server.close();
      equal(server.isServing(), false);
      deepEqual(server.sockets, []);
      await server.waitClosed();
      await server.waitClosed();
      equal(socket?.fileno(), -1);
      equal(await attempt(address?.port as number), 'ECONNREFUSED');
    });
  });

  it('with startServing: false has its port and accepts after startServing()', async () => {
    await withLoop(async (loop) => {
      const options = { startServing: false };
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0, options);
      const port = portOf(server);
      ok(port > 0);
      equal(server.isServing(), false);
      equal(await attempt(port), 'ECONNREFUSED');
      await server.startServing();
      await server.startServing();
      ok(server.isServing());
      const peer = await Peer.connect(port);
      equal(await peer.ask('hello'), 'hello');
      await peer.close();
      server.close();
      await server.waitClosed();
      await rejects(server.startServing(), RuntimeError);
    });
  });

  it('whose port was taken before startServing() says so, and may try again', async () => {
    await withLoop(async (loop) => {
      const options = { startServing: false };
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0, options);
      const port = portOf(server);
      // Linux lets two sockets have a port as long as neither listens.
      const thief = await loop.createServer(() => new Echo(), '127.0.0.1', port);
      const expected = { code: 'EADDRINUSE', syscall: 'listen', address: '127.0.0.1', port };
      await rejects(server.startServing(), expected);
      equal(server.isServing(), false);
      await thief[Symbol.asyncDispose]();
      await server.startServing();
      ok(server.isServing());
      equal(await attempt(port), 'connected');
      await server[Symbol.asyncDispose]();
    });
  });

  it('close() spares connections, and waitClosed() waits for the last of them', async () => {
    const lost: Promise<unknown>[] = [];
    const make = () => {
      const protocol = new Recorder({ dataReceived: (data, transport) => transport.write(data) });
      lost.push(protocol.lost);
      return protocol;
    };
    await withServer(make, async ({ server, port }) => {
      const peers = [await Peer.connect(port), await Peer.connect(port)];
      for (const peer of peers) equal(await peer.ask('hello'), 'hello');
      server.close();
      let closed = false;
      const waiting = [server.waitClosed(), server.waitClosed()];
      waiting[0]?.addDoneCallback(() => {
        closed = true;
      });
      for (const peer of peers) equal(await peer.ask('still'), 'still');
      await peers[0]?.close();
      await lost[0];
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
      equal(closed, false);
      equal(await peers[1]?.ask('still'), 'still');
      await peers[1]?.close();
      await Promise.all(waiting);
      ok(closed);
    });
  });

  it('closeClients() sends what is queued first, abortClients() does not', async () => {
    const size = 8 * 1024 * 1024;
    for (const way of ['closeClients', 'abortClients'] as const) {
      const made: Recorder[] = [];
      const make = () => {
        const hooks = { connectionMade: (t: Recorder['transport']) => t.write(Buffer.alloc(size)) };
        return made[made.push(new Recorder(hooks)) - 1] as Recorder;
      };
      await withServer(make, async ({ server, port }) => {
        const peers = [await Peer.connect(port), await Peer.connect(port)];
        while (made.length < 2) await new Promise(setImmediate);
        server.close();
        server[way]();
        await Promise.all(peers.map((peer) => peer.closed));
        await server.waitClosed();
        for (const peer of peers) equal(peer.inbox.size === size, way === 'closeClients');
        deepEqual(await Promise.all(made.map((one) => one.lost)), [null, null]);
      });
    }
  });

  it('close() in a callback of one of its connections leaves that connection alone', async () => {
    const made = new Recorder({
      dataReceived(data, transport) {
        running.close();
        transport.write(data);
      },
    });
    let running!: { close(): void };
    await withServer(
      () => made,
      async ({ server, port }) => {
        running = server;
        const peer = await Peer.connect(port);
        equal(await peer.ask('hello'), 'hello');
        equal(server.isServing(), false);
        equal(await peer.ask('again'), 'again');
        await peer.close();
        await server.waitClosed();
      },
    );
  });

  it('close() inside the factory turns that connection away', async () => {
    let running!: { close(): void };
    const lost: (Error | null)[] = [];
    const make = () => {
      running.close();
      return new Recorder({ connectionLost: (error) => lost.push(error) });
    };
    await withServer(make, async ({ server, port }) => {
      running = server;
      const peer = await Peer.connect(port);
      await Promise.race([peer.closed, peer.ended]);
      await peer.close();
      await server.waitClosed();
    });
    ok(lost.every((error) => error === null));
  });

  it('connections that wait to be accepted when it closes are reset, not leaked', async () => {
    await withServer(
      () => new Echo(),
      async ({ server, port }) => {
        const peers = Array.from({ length: 20 }, () => attempt(port));
        server.close();
        for (const result of await Promise.all(peers)) {
          ok(['connected', 'ECONNREFUSED', 'ECONNRESET'].includes(result), result);
        }
      },
    );
  });
});

describe('serveForever()', () => {
  leavesNothingOpen();

  it('starts serving, and ends by cancellation, which closes the server', async () => {
    await withLoop(async (loop) => {
      const options = { startServing: false };
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0, options);
      const port = portOf(server);
      const forever = server.serveForever();
      ok(server.isServing());
      await rejects(server.serveForever(), RuntimeError);
      const peer = await Peer.connect(port);
      equal(await peer.ask('hello'), 'hello');
      forever.cancel();
      await peer.close();
      await rejects(forever, CancelledError);
      equal(forever.cancelled(), true);
      equal(server.isServing(), false);
      await server.waitClosed();
      equal(await attempt(port), 'ECONNREFUSED');
    });
  });

  it('is cancelled by close()', async () => {
    await withLoop(async (loop) => {
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      const forever = server.serveForever();
      server.close();
      await rejects(forever, CancelledError);
      await server.waitClosed();
    });
  });

  it('of a closed server is refused', async () => {
    await withLoop(async (loop) => {
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      server.close();
      await rejects(server.serveForever(), RuntimeError);
    });
  });
});
