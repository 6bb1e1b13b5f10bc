/**
 * Hosts that do not answer, and servers that stop answering: deadlines, cancellation, closing while connections wait.
 *
 * Guards: a deadline ends an attempt and leaves nothing of it; a server that is closed while it accepts ends every connection
 * that waits, and its port is free.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { connect } from 'node:net';
import {
  CancelledError,
  getRunningLoop,
  openConnection,
  Protocol,
  run,
  type Server,
  Socket,
  TimeoutError,
  timeout,
  waitFor,
} from 'uvio';
import { census, leavesNothingOpen } from '../support.js';
import { deadEnd } from './dead_ends.js';
import { attempt, Echo, Peer, portOf, Recorder, withLoop } from './peers.js';

const factory = () => new Protocol();

describe('a host that does not answer', () => {
  leavesNothingOpen();

  it('is given up at a deadline, whichever way that is said', () =>
    run(async () => {
      const loop = getRunningLoop();
      using dead = await deadEnd(loop);
      const { port, address } = dead;
      const begin = () => loop.createConnection(factory, address, port);
      // The first stream of a libuv loop opens a descriptor that stays.
      await rejects(waitFor(begin(), 20), TimeoutError);
      const before = census().descriptors;
      await rejects(waitFor(begin(), 20), TimeoutError);
      await rejects(async () => {
        await timeout(20, async () => {
          await begin();
        });
      }, TimeoutError);
      await rejects(async () => {
        await timeout(20, async () => {
          await openConnection(address, port);
        });
      }, TimeoutError);
      const signal = AbortSignal.timeout(20);
      await rejects(loop.createConnection(factory, address, port, { signal }), CancelledError);
      using socket = new Socket();
      await rejects(waitFor(loop.sockConnect(socket, dead), 20), TimeoutError);
      socket.close();
      for (let turn = 0; turn < 1000 && census().descriptors > before; turn++) {
        await new Promise(setImmediate);
      }
      equal(census().descriptors, before);
    }));

  it('is given up with the loop', () =>
    withLoop(async (loop) => {
      using dead = await deadEnd(loop);
      const connecting = loop.createConnection(factory, dead.address, dead.port);
      await new Promise(setImmediate);
      equal(connecting.done(), false);
    }));
});

describe('a server that is closed while it accepts', () => {
  leavesNothingOpen();

  it('ends every connection that it has not accepted, and frees its port', () =>
    withLoop(async (loop) => {
      let server!: Server;
      const made: Recorder[] = [];
      const make = () => {
        made.push(new Recorder({ connectionMade: () => server.close() }));
        return made.at(-1) as Recorder;
      };
      server = await loop.createServer(make, '127.0.0.1', 0, { startServing: false });
      const port = portOf(server);
      await server.startServing();
      // Some wait in the kernel's queue when the first is accepted, some come too late.
      const clients = Array.from({ length: 20 }, () => new Peer(connect(port, '127.0.0.1')));
      while (made.length === 0) await new Promise(setImmediate);
      const [first] = made as [Recorder];
      equal(server.isServing(), false);
      equal(await attempt(port), 'ECONNREFUSED');
      first.transport.write('still served');
      await Promise.race(clients.map((client) => client.inbox.has(12)));
      const served = clients.filter((client) => client.inbox.size > 0);
      deepEqual(made.length, served.length);
      for (const client of served) client.socket.destroy();
      await Promise.all(clients.map((client) => client.closed));
      await server.waitClosed();
      const again = await loop.createServer(() => new Echo(), '127.0.0.1', port);
      ok(again.isServing());
      await again[Symbol.asyncDispose]();
    }));

  it('while clients keep coming loses none that it has accepted', () =>
    withLoop(async (loop) => {
      for (let round = 0; round < 10; round++) {
        const made: Recorder[] = [];
        const server = await loop.createServer(
          () => {
            made.push(new Recorder());
            return made.at(-1) as Recorder;
          },
          '127.0.0.1',
          0,
        );
        const port = portOf(server);
        const attempts = Array.from({ length: 30 }, () => attempt(port));
        while (made.length < round) await new Promise(setImmediate);
        server.close();
        const outcomes = await Promise.all(attempts);
        for (const outcome of outcomes) ok(/^(connected|ECONNREFUSED|ECONNRESET)$/.test(outcome));
        await server.waitClosed();
        for (const one of made) deepEqual(one.events.slice(-1), ['connectionLost']);
      }
    }));
});
