/**
 * The end of a thread or a process in the middle of traffic.
 *
 * Guards: a worker that is terminated, or calls process.exit(), in any callback, and a process that
 * ends with live handles, do not crash and do not hang; exit codes are what was asked for; what they
 * held is released, so that their ports are free.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { leavesNothingOpen } from '../support.js';
import { attempt, Peer } from './peers.js';
import { assertPrinted, type Program, runProcess, sourceOf, startWorker } from './programs.js';

/** Serves echo on a port that it posts, and echoes with itself as fast as it can. */
const busyEcho: Program<undefined> = async ({ newEventLoop }, modules) => {
  const { Echo, BufferedEcho, Recorder, portOf, threads } = modules;
  const loop = newEventLoop();
  let count = 0;
  const make = () => (count++ % 2 === 0 ? new Echo() : new BufferedEcho());
  const server = await loop.createServer(make, '127.0.0.1', 0);
  const client = () =>
    new Recorder({
      connectionMade: (transport) => transport.write(Buffer.alloc(30_000, 'x')),
      dataReceived: (data, transport) => transport.write(data),
    });
  for (let index = 0; index < 4; index++) {
    await loop.createConnection(client, '127.0.0.1', portOf(server));
  }
  loop.callLater(1e6, () => {});
  threads.parentPort?.postMessage(portOf(server));
};

describe('the end of a worker', () => {
  leavesNothingOpen();

  it('terminated in the middle of its traffic, many times in a row', async function () {
    this.timeout(120_000);
    for (let round = 0; round < 30; round++) {
      const worker = startWorker(busyEcho);
      const [port] = (await once(worker, 'message')) as [number];
      // Traffic of another thread as well, whose socket outlives the worker.
      const peer = await Peer.connect(port);
      equal(await peer.ask('hello'), 'hello');
      peer.socket.write(Buffer.alloc(100_000));
      for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
      equal(await worker.terminate(), 1);
      await peer.closed;
      equal(await attempt(port), 'ECONNREFUSED');
    }
  });

  it('several workers at once, each with a loop, terminated together', async function () {
    this.timeout(60_000);
    for (let round = 0; round < 3; round++) {
      const workers = Array.from({ length: 4 }, () => startWorker(busyEcho));
      const ports = await Promise.all(workers.map((worker) => once(worker, 'message')));
      equal(new Set(ports.map(([port]) => port)).size, 4);
      deepEqual(await Promise.all(workers.map((worker) => worker.terminate())), [1, 1, 1, 1]);
    }
  });

  it('terminated while it blocks inside a callback of its loop', async () => {
    const worker = startWorker(({ newEventLoop }, { threads }) => {
      const loop = newEventLoop();
      loop.callLater(1e6, () => {});
      loop.callSoon(() => {
        threads.parentPort?.postMessage('stuck');
        for (;;);
      });
    });
    await once(worker, 'message');
    equal(await worker.terminate(), 1);
  });

  it('terminated while it looks names up', async () => {
    for (let round = 0; round < 5; round++) {
      const worker = startWorker(({ newEventLoop, Protocol }, { threads }) => {
        const loop = newEventLoop();
        for (let index = 0; index < 8; index++) {
          loop
            .createConnection(() => new Protocol(), index % 2 ? 'localhost' : 'no..such.host', 1)
            .then(undefined, () => {});
        }
        threads.parentPort?.postMessage('looking');
      });
      const exited = once(worker, 'exit');
      await once(worker, 'message');
      // It may have come to its end by itself.
      await worker.terminate();
      const [code] = (await exited) as [number];
      ok(code === 0 || code === 1, `exit code ${code}`);
    }
  });

  for (const place of ['dataReceived', 'connectionMade', 'getBuffer', 'a timer', 'a microtask']) {
    it(`by process.exit() inside ${place}`, async () => {
      const worker = startWorker(exitInside, place);
      worker.once('message', (port: number) => connect(port, '127.0.0.1').on('error', () => {}));
      const [code] = (await once(worker, 'exit')) as [number];
      equal(code, 7);
    });
  }

  it('by an uncaught error beside its loop', async () => {
    const worker = startWorker(({ newEventLoop }) => {
      const loop = newEventLoop();
      loop.callLater(1e6, () => {});
      loop.callSoon(() => {
        queueMicrotask(() => {
          throw new Error('uncaught in a microtask of the loop');
        });
      });
    });
    const [error] = (await once(worker, 'error')) as [Error];
    equal(error.message, 'uncaught in a microtask of the loop');
    await once(worker, 'exit').catch(() => {});
  });

  it('that has nothing left to do, with an idle loop still open', async () => {
    const worker = startWorker(async ({ newEventLoop }) => {
      const loop = newEventLoop();
      await new Promise<void>((resolve) => loop.callLater(0.1, resolve));
    });
    const [code] = (await once(worker, 'exit')) as [number];
    equal(code, 0);
  });
});

/** Calls process.exit(7) in one place of a connection that echoes with itself. */
const exitInside: Program<string> = async ({ newEventLoop }, modules, place) => {
  const { Recorder, portOf } = modules;
  const loop = newEventLoop();
  const exitAt = (where: string) => {
    if (where === place) process.exit(7);
  };
  const make = () => {
    const protocol = new Recorder({
      connectionMade: () => exitAt('connectionMade'),
      dataReceived: () => exitAt('dataReceived'),
    });
    if (place !== 'getBuffer') return protocol;
    return Object.assign(protocol, {
      getBuffer() {
        process.exit(7);
      },
      bufferUpdated() {},
    });
  };
  const server = await loop.createServer(make, '127.0.0.1', 0);
  const client = new Recorder({ connectionMade: (transport) => transport.write('hello') });
  await loop.createConnection(() => client, '127.0.0.1', portOf(server));
  loop.callLater(1, () => exitAt('a timer'));
  loop.callSoon(() => queueMicrotask(() => exitAt('a microtask')));
};

describe('the end of a process', () => {
  leavesNothingOpen();

  for (const place of ['dataReceived', 'connectionMade', 'getBuffer', 'a timer', 'a microtask']) {
    it(`by process.exit() inside ${place} has the code`, async () => {
      const outcome = await runProcess(exitInside, {}, place);
      deepEqual(outcome, { code: 7, signal: null, stdout: '', stderr: '' });
    });
  }

  it('by process.exit() with everything alive', async () => {
    const outcome = await runProcess(async ({ newEventLoop, Protocol }, modules) => {
      const { Echo, Peer: Client, Recorder, portOf } = modules;
      const loop = newEventLoop();
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      const peer = await Client.connect(portOf(server));
      await peer.ask('hello');
      const client = new Recorder();
      await loop.createConnection(() => client, '127.0.0.1', portOf(server));
      client.transport.write(Buffer.alloc(8 * 1024 * 1024));
      loop.createConnection(() => new Protocol(), 'localhost', portOf(server));
      loop.callLater(1e6, () => {});
      process.exit(9);
    });
    deepEqual(outcome, { code: 9, signal: null, stdout: '', stderr: '' });
  });

  it('by SIGTERM in the middle of traffic is that signal', async () => {
    const outcome = await runProcess(busyEcho, {
      onSpawn: (child) => void setTimeout(() => child.kill('SIGTERM'), 300),
    });
    deepEqual([outcome.code, outcome.signal, outcome.stderr], [null, 'SIGTERM', '']);
  });

  it('by an uncaught error inside a microtask of a protocol has its code and its text', async () => {
    const outcome = await runProcess(
      async ({ newEventLoop }, { Recorder, Peer: Client, portOf }) => {
        const loop = newEventLoop();
        const server = await loop.createServer(
          () =>
            new Recorder({
              dataReceived() {
                queueMicrotask(() => {
                  throw new Error('beyond the protocol');
                });
              },
            }),
          '127.0.0.1',
          0,
        );
        const peer = await Client.connect(portOf(server));
        peer.socket.write('x');
      },
    );
    equal(outcome.code, 1);
    ok(outcome.stderr.includes('Error: beyond the protocol'), outcome.stderr);
  });

  it('while workers are in the middle of their traffic', async () => {
    const outcome = await runProcess(
      async (_uvio, { threads, events }, source) => {
        for (let index = 0; index < 3; index++) {
          const worker = new threads.Worker(source, { eval: true });
          await events.once(worker, 'message');
          worker.unref();
        }
        console.log('ended');
      },
      {},
      sourceOf(busyEcho, undefined),
    );
    assertPrinted(outcome, 'ended');
  });
});
