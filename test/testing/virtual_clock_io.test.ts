/**
 * VirtualClockLoop beside real I/O and the rest of the process: what is readable comes before a jump.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectNet } from 'node:net';
import { Future, getRunningLoop, Protocol, run, sleep, type Transport } from '../../src/index.js';
import { VirtualClockLoop, type VirtualClockOptions } from '../../src/testing/index.js';
import { startChild } from '../core/child.js';
import { leavesNothingOpen } from '../support.js';
import { block } from './block.js';

const HOUR = 3_600_000;
const TESTING = new URL('../../src/testing/index.js', import.meta.url).href;
/** More than a peer on this machine takes to answer. */
const IDLE = 200;

class Echo extends Protocol {
  transport: Transport | undefined;
  override connectionMade(transport: Transport): void {
    this.transport = transport;
  }
  override dataReceived(data: Buffer): void {
    this.transport?.write(data);
  }
}

class Client extends Protocol {
  received = new Future<string>();
  override dataReceived(data: Buffer): void {
    this.received.setResult(data.toString());
  }
}

function runVirtual<T>(main: () => Promise<T>, options?: VirtualClockOptions): Promise<T> {
  return run(main, { loopFactory: () => new VirtualClockLoop(options) });
}

async function connect(prepare = (_server: Echo) => {}): Promise<[Transport, Client]> {
  const loop = getRunningLoop();
  const factory = () => {
    const echo = new Echo();
    prepare(echo);
    return echo;
  };
  const server = await loop.createServer(factory, '127.0.0.1', 0);
  const port = server.sockets[0]?.getsockname().port as number;
  return loop.createConnection(() => new Client(), '127.0.0.1', port);
}

describe('VirtualClockLoop and the world', () => {
  leavesNothingOpen();

  it('a conversation over TCP takes no virtual time', () =>
    runVirtual(
      async () => {
        const loop = getRunningLoop();
        const [transport, client] = await connect();
        let over = false;
        const alarm = loop.callLater(1, () => ok(over, 'the clock jumped amid the conversation'));
        for (let round = 0; round < 50; round++) {
          transport.write(`round ${round}`);
          equal(await client.received, `round ${round}`);
          client.received = new Future();
        }
        equal(loop.time(), 0);
        over = true;
        await sleep(24 * HOUR);
        equal(loop.time(), 24 * HOUR);
        ok(alarm.when() < loop.time());
      },
      { idle: IDLE },
    ));

  it('what is readable already is handled before a jump, and what follows from it', () =>
    runVirtual(async () => {
      const loop = getRunningLoop();
      const [transport] = await connect((server) => {
        server.dataReceived = () => void loop.callSoon(() => received.setResult(loop.time()));
      });
      const received = loop.createFuture<number>();
      const before = loop.time();
      transport.write('hello');
      await sleep(0); // it leaves at the end of this round
      block(20); // and arrives, unheard
      await sleep(HOUR);
      deepEqual([received.result(), loop.time()], [before, before + HOUR]);
    }));

  it('an event that comes with the end of the quiet time begins it anew', () =>
    runVirtual(
      async () => {
        const loop = getRunningLoop();
        const times: number[] = [];
        const server = await loop.createServer(
          () => {
            const echo = new Echo();
            echo.dataReceived = (data) => {
              times.push(loop.time());
              echo.transport?.write(data);
            };
            return echo;
          },
          '127.0.0.1',
          0,
        );
        const peer = connectNet(server.sockets[0]?.getsockname().port as number, '127.0.0.1');
        await once(peer, 'connect');
        peer.once('data', () => peer.write('second'));
        setTimeout(() => {
          peer.write('first');
          block(IDLE * 1.5);
        }, IDLE / 4); // the quiet time has begun
        await sleep(HOUR);
        deepEqual([times, loop.time()], [[0, 0], HOUR]);
        peer.destroy();
      },
      { idle: IDLE },
    ));

  it('a quiet time is waited for anew after each event', () =>
    runVirtual(
      async () => {
        const loop = getRunningLoop();
        const [transport, client] = await connect();
        const jumped = loop.createFuture<string>();
        loop.callLater(HOUR, () => jumped.setResult('jumped'));
        let last = 0;
        let events = 0;
        client.dataReceived = () => {
          last = performance.now();
          if (++events < 5) setTimeout(() => transport.write('again'), IDLE / 10);
        };
        transport.write('first');
        equal(await jumped, 'jumped');
        equal(events, 5);
        const quiet = performance.now() - last;
        ok(quiet >= IDLE - 1, `jumped after ${quiet} ms`);
      },
      { idle: IDLE },
    ));

  it('a deadlock ends the process, as on a real clock', async () => {
    for (const options of ['', '{ loopFactory: () => new VirtualClockLoop() }']) {
      const child = startChild(`
        import { VirtualClockLoop } from '${TESTING}';
        await uvio.run(async () => {
          await uvio.sleep(1);
          console.log('waits');
          await new uvio.Future();
        }${options && `, ${options}`});
      `);
      const { code, lines } = await child.ended;
      deepEqual([code, lines], [13, ['waits']]);
    }
  });

  it('a pending timer keeps the process alive through its quiet time', async () => {
    const child = startChild(`
      import { VirtualClockLoop } from '${TESTING}';
      const loop = new VirtualClockLoop({ idle: 20 });
      loop.callLater(1_000_000, () => console.log('fired'));
    `);
    const { code, lines } = await child.ended;
    deepEqual([code, lines], [0, ['fired']]);
  });

  it('the package exports it', async () => {
    const name = 'uvio/testing';
    equal((await import(name)).VirtualClockLoop, VirtualClockLoop);
  });
});
