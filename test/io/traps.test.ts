/**
 * The three traps of an embedded loop (docs: "The loop and its turns"), a regression test each.
 *
 * A watcher that was started must reach the kernel before the process sleeps; timers must wake the
 * loop by themselves; Node's own child processes must work beside it. The first two can only be seen
 * in a process where nothing else is alive, so they run in children that are killed when they hang.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { leavesNothingOpen } from '../support.js';
import { Echo, Peer, withLoop, withServer } from './peers.js';
import { assertPrinted, runProcess } from './programs.js';

describe('the traps of an embedded loop', () => {
  leavesNothingOpen();

  it('a single connection that sends one message gets its answer', async () => {
    const outcome = await runProcess(async ({ newEventLoop }, { Echo, Recorder, portOf }) => {
      const loop = newEventLoop();
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      const client = new Recorder({
        connectionMade: (transport) => transport.write('one message'),
        dataReceived(data, transport) {
          console.log(`answer: ${data}`);
          transport.close();
        },
        connectionLost() {
          console.log('lost');
          server.close();
        },
      });
      await loop.createConnection(() => client, '127.0.0.1', portOf(server));
    });
    assertPrinted(outcome, 'answer: one message', 'lost');
  });

  it('a peer in another process is answered, while the server does nothing else', async () => {
    const outcome = await runProcess(
      async ({ newEventLoop }, { Recorder, portOf, childProcess }) => {
        const loop = newEventLoop();
        const make = () =>
          new Recorder({
            dataReceived(data, transport) {
              transport.write(`you said ${data}`);
              transport.close();
              server.close();
            },
          });
        const server = await loop.createServer(make, '127.0.0.1', 0);
        const client = `
          const socket = require('net').connect(${portOf(server)}, '127.0.0.1');
          socket.pipe(process.stdout);
          socket.write('hi');`;
        childProcess.spawn(process.execPath, ['-e', client], { stdio: 'inherit' }).unref();
      },
    );
    deepEqual([outcome.code, outcome.stdout], [0, 'you said hi']);
  });

  it('a timer alone wakes the loop and keeps the process until it has fired', async () => {
    const outcome = await runProcess(({ newEventLoop }) => {
      const loop = newEventLoop();
      loop.callLater(0.2, () => {
        console.log('first');
        loop.callLater(3, () => console.log('second'));
      });
    });
    assertPrinted(outcome, 'first', 'second');
  });

  it('a timer made outside of the loop, while it idles, wakes it', async () => {
    const outcome = await runProcess(async ({ newEventLoop }) => {
      const loop = newEventLoop();
      for (let round = 0; round < 3; round++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        await new Promise<void>((resolve) => loop.callLater(0.5, resolve));
      }
      console.log('done');
    });
    assertPrinted(outcome, 'done');
  });

  it('ten chained timers of 0.1 ms are over before one setTimeout of 20 ms', async () => {
    await withLoop(async (loop) => {
      const order: string[] = [];
      const timeout = new Promise<void>((resolve) => {
        setTimeout(() => {
          order.push('setTimeout');
          resolve();
        }, 20);
      });
      let links = 0;
      const link = () => {
        if (++links < 10) loop.callLater(0.1, link);
        else order.push('chain');
      };
      loop.callLater(0.1, link);
      await timeout;
      deepEqual(order, ['chain', 'setTimeout']);
    });
  });

  it('a timer never fires before its time', async () => {
    await withLoop(async (loop) => {
      for (const delay of [0.05, 0.2, 0.7, 1, 1.5, 3]) {
        const due = loop.time() + delay;
        const fired = await new Promise<number>((resolve) =>
          loop.callAt(due, () => resolve(loop.time())),
        );
        // Two clock reads of one moment may differ by a microsecond.
        equal(fired >= due - 0.002, true, `due ${due}, fired ${fired}`);
      }
    });
  });

  it('an idle loop does not keep the process', async () => {
    const outcome = await runProcess(async ({ newEventLoop }) => {
      const loop = newEventLoop();
      await new Promise<void>((resolve) => loop.callSoon(resolve));
      const timer = loop.callLater(1_000_000, () => {});
      await new Promise<void>((resolve) => loop.callSoon(resolve));
      timer.cancel();
      console.log('idle');
    });
    assertPrinted(outcome, 'idle');
  });

  it("Node's child processes report their exit while a loop serves", async () => {
    await withServer(
      () => new Echo(),
      async ({ port }) => {
        const peer = await Peer.connect(port);
        const codes = await Promise.all(
          [0, 1, 7, 42].map(async (code) => {
            const child = spawn(process.execPath, ['-e', `process.exit(${code})`]);
            const [exit] = (await once(child, 'close')) as [number];
            return exit;
          }),
        );
        deepEqual(codes, [0, 1, 7, 42]);
        equal(await peer.ask('still here'), 'still here');
        const { stdout } = await promisify(execFile)('/bin/echo', ['shell']);
        equal(stdout, 'shell\n');
        await peer.close();
      },
    );
  });
});
