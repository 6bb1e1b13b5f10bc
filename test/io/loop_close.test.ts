/**
 * loop.close() with everything still going on: an ordinary event.
 *
 * Guards: nothing of a closed loop calls back, no descriptor stays, and the native loop is gone within
 * a bounded number of turns, whatever was pending: timers, lookups, connects, writes, listeners.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EventLoop, newEventLoop, Protocol, RuntimeError } from 'uvio';
import { native } from '../../src/binding/addon.js';
import { leavesNothingOpen } from '../support.js';
import { Echo, Peer, portOf, Recorder } from './peers.js';
import { assertPrinted, runProcess } from './programs.js';

/** Done when the native loops of this thread are gone. */
async function allGone(): Promise<void> {
  for (let turn = 0; turn < 500 && native.openLoops() > 0; turn++) await nextTurn();
  equal(native.openLoops(), 0);
}

/** A loop on which tasks may end unheard. */
function quietLoop(): EventLoop {
  const loop = newEventLoop();
  loop.setExceptionHandler(() => {});
  return loop;
}

describe('closing a loop', () => {
  leavesNothingOpen();

  afterEach(allGone);

  it('that never did anything', async () => {
    for (let count = 0; count < 50; count++) newEventLoop().close();
    await allGone();
  });

  it('twice is once, and afterwards it takes nothing', () => {
    const loop = newEventLoop();
    equal(loop.isClosed(), false);
    loop.close();
    loop.close();
    equal(loop.isClosed(), true);
    throws(() => loop.callSoon(() => {}), RuntimeError);
    throws(() => loop.callLater(1, () => {}), RuntimeError);
    equal(loop.metrics() === undefined || typeof loop.metrics() === 'object', true);
  });

  it('while it runs is refused', async () => {
    const loop = newEventLoop();
    const running = loop.runForever();
    throws(() => loop.close(), RuntimeError);
    loop.stop();
    await running;
    loop.close();
  });

  it('with timers and ready callbacks pending drops them', async () => {
    const loop = newEventLoop();
    const called: string[] = [];
    loop.callLater(0, () => called.push('due'));
    loop.callLater(5, () => called.push('soon'));
    loop.callLater(1e9, () => called.push('never'));
    loop.callSoon(() => called.push('ready'));
    loop.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    deepEqual(called, []);
  });

  it('inside a callback stops the rest of its batch', async () => {
    const loop = newEventLoop();
    const called: string[] = [];
    loop.callSoon(() => {
      called.push('first');
      loop.close();
    });
    loop.callSoon(() => called.push('second'));
    loop.callLater(0, () => called.push('timer'));
    await allGone();
    deepEqual(called, ['first']);
  });

  it('inside a timer', async () => {
    const loop = newEventLoop();
    await new Promise<void>((resolve) => {
      loop.callLater(0.1, () => {
        loop.close();
        resolve();
      });
    });
  });

  it('with live connections in both directions resets the peers and calls nobody', async () => {
    const loop = newEventLoop();
    const made: Recorder[] = [];
    const make = () => made[made.push(new Recorder()) - 1] as Recorder;
    const server = await loop.createServer(make, '127.0.0.1', 0);
    const peers = [await Peer.connect(portOf(server)), await Peer.connect(portOf(server))];
    const client = new Recorder();
    await loop.createConnection(() => client, '127.0.0.1', portOf(server));
    while (made.length < 3) await nextTurn();
    made[0]?.transport.write(Buffer.alloc(8 * 1024 * 1024));
    made[1]?.transport.write('queued for the end of the round');
    loop.close();
    for (const peer of peers) peer.socket.write('hello?');
    await Promise.all(peers.map((peer) => peer.closed));
    await allGone();
    for (const one of [...made, client]) equal(one.events.includes('connectionLost'), false);
    // What is left of them answers without a crash.
    for (const { transport } of [...made, client]) {
      transport.write('into the void');
      transport.writeEof();
      transport.pauseReading();
      transport.resumeReading();
      transport.close();
      transport.abort();
      equal(transport.getExtraInfo('socket')?.fileno(), -1);
      ok(String(transport).length > 0);
    }
    deepEqual(
      server.sockets.map((socket) => socket.fileno()),
      [-1],
    );
    server.close();
    server.abortClients();
  });

  for (const [what, host] of Object.entries({
    connects: '127.0.0.1',
    lookups: 'localhost',
    'lookups of nothing': 'no..such.host',
  })) {
    it(`with pending ${what}, at once and after some turns`, async () => {
      const other = newEventLoop();
      const server = await other.createServer(() => new Echo(), '127.0.0.1', 0);
      for (let turns = 0; turns < 12; turns++) {
        const loop = quietLoop();
        const pending = [
          loop.createConnection(() => new Protocol(), host, portOf(server)),
          loop.createServer(() => new Protocol(), host, 0),
          loop.createConnection(() => new Protocol(), host, portOf(server)),
        ];
        for (const future of pending) future.then(undefined, () => {});
        for (let turn = 0; turn < turns; turn++) await (turn % 2 ? nextTurn() : Promise.resolve());
        loop.close();
      }
      await nextTurn();
      other.close();
      // The loops are gone when libuv's threads have been through their lookups; ours queue behind. A
      // thread that the system has left waiting may still be at one when later ones are answered.
      for (let count = 0; count < 200 && native.openLoops() > 0; count++) {
        await lookup(host).catch(() => {});
      }
    });
  }

  it('with a future cancelled afterwards', async () => {
    const loop = quietLoop();
    const pending = loop.createConnection(() => new Protocol(), 'localhost', 1);
    pending.then(undefined, () => {});
    await nextTurn();
    loop.close();
    pending.cancel();
    await allGone();
  });

  it('inside the callbacks of another loop, and of a third', async () => {
    const loops: EventLoop[] = [newEventLoop(), newEventLoop(), newEventLoop()];
    await new Promise<void>((resolve) => {
      loops[0]?.callSoon(() => {
        loops[1]?.close();
        loops[2]?.callSoon(() => {
          loops[0]?.close();
          resolve();
        });
      });
    });
    loops[2]?.close();
  });

  it('and opening another goes on for ever', async () => {
    for (let round = 0; round < 200; round++) {
      const loop = newEventLoop();
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      const client = new Recorder({ connectionMade: (transport) => transport.write('x') });
      await loop.createConnection(() => client, '127.0.0.1', portOf(server));
      if (round % 2 === 0) await client.inbox.has(1);
      loop.close();
    }
    await allGone();
  });

  it('while a task waits for a connection does not crash, and the process ends', async () => {
    const outcome = await runProcess(async ({ newEventLoop: make, Protocol: Plain }) => {
      const loop = make();
      loop.setExceptionHandler(() => {});
      const pending = [
        loop.createServer(() => new Plain(), '127.0.0.1', 0),
        loop.createConnection(() => new Plain(), '127.0.0.1', 1),
        loop.createConnection(() => new Plain(), 'localhost', 1),
      ];
      for (const future of pending) future.then(undefined, () => {});
      loop.close();
      for (let turn = 0; turn < 20; turn++) {
        globalThis.gc?.();
        await new Promise(setImmediate);
      }
      console.log('ended');
    });
    assertPrinted(outcome, 'ended');
  });

  it('of which a server is closed later is harmless', async () => {
    const loop = newEventLoop();
    const options = { startServing: false };
    const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0, options);
    loop.close();
    await rejects(server.startServing());
    server.close();
    await allGone();
    server.close();
  });
});
