/**
 * createConnection and createServer: their errors, their arguments, and being given up.
 *
 * Errors look like Node's (code, errno, syscall, address, port, hostname). Guards: an argument of the
 * wrong type is refused by name before anything is opened; an attempt that fails or is cancelled, at
 * whatever moment, leaves no descriptor open.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { CancelledError, type EventLoop, Protocol, type SystemError, sleep } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Echo, portOf, Recorder, withLoop, withServer } from './peers.js';
import { startWorker } from './programs.js';

const factory = () => new Protocol();

/** A port on loopback that nobody listens on. */
async function deadPort(loop: EventLoop): Promise<number> {
  const server = await loop.createServer(factory, '127.0.0.1', 0);
  const port = portOf(server);
  await server[Symbol.asyncDispose]();
  return port;
}

describe('errors of the system', () => {
  leavesNothingOpen();

  for (const startServing of [true, false]) {
    it(`a port in use is EADDRINUSE, with startServing: ${startServing}`, () =>
      withServer(factory, async ({ loop, port }) => {
        const again = loop.createServer(factory, '127.0.0.1', port, { startServing });
        const error = (await again.catch((failure: unknown) => failure)) as SystemError;
        ok(error instanceof Error);
        const { code, address, syscall, errno } = error;
        deepEqual(
          { code, address, port: error.port },
          { code: 'EADDRINUSE', address: '127.0.0.1', port },
        );
        ok(syscall === 'listen' || syscall === 'bind', syscall);
        ok(errno < 0);
        equal(error.message, `${syscall} EADDRINUSE: address already in use 127.0.0.1:${port}`);
      }));
  }

  it('when one address of several cannot be bound, the others are free again', () =>
    withServer(factory, async ({ loop, port }) => {
      const hosts = ['127.0.0.2', '127.0.0.3', '127.0.0.1'];
      await rejects(loop.createServer(factory, hosts, port), { code: 'EADDRINUSE' });
      const rest = await loop.createServer(factory, hosts.slice(0, 2), port);
      await rest[Symbol.asyncDispose]();
    }));

  it('an address that is not ours is EADDRNOTAVAIL', () =>
    withLoop(async (loop) => {
      const expected = { code: 'EADDRNOTAVAIL', address: '192.0.2.1', port: 0 };
      await rejects(loop.createServer(factory, '192.0.2.1', 0), expected);
    }));

  it('a name that does not exist is ENOTFOUND with the name, for either function', () =>
    withLoop(async (loop) => {
      const host = 'no..such.host';
      for (const future of [
        loop.createConnection(factory, host, 80),
        loop.createServer(factory, host, 0),
        loop.createServer(factory, ['127.0.0.1', host], 0),
      ]) {
        await rejects(future, {
          name: 'Error',
          message: `getaddrinfo ENOTFOUND ${host}`,
          code: 'ENOTFOUND',
          syscall: 'getaddrinfo',
          hostname: host,
        });
      }
    }));

  it('a refused connection is ECONNREFUSED with the address and the port', () =>
    withLoop(async (loop) => {
      const port = await deadPort(loop);
      await rejects(loop.createConnection(factory, '127.0.0.1', port), {
        name: 'Error',
        message: `connect ECONNREFUSED: connection refused 127.0.0.1:${port}`,
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address: '127.0.0.1',
        port,
      });
    }));

  it('an address of another family than the one asked for is refused', () =>
    withLoop(async (loop) => {
      for (const [host, family] of [
        ['::1', 4],
        ['127.0.0.1', 6],
      ] as const) {
        const expected = { syscall: 'getaddrinfo', hostname: host };
        await rejects(loop.createConnection(factory, host, 1, { family }), expected);
        await rejects(loop.createServer(factory, host, 0, { family }), expected);
      }
    }));

  it('a protocol whose connection failed is told nothing', () =>
    withLoop(async (loop) => {
      const client = new Recorder();
      const port = await deadPort(loop);
      await rejects(loop.createConnection(() => client, '127.0.0.1', port));
      await new Promise(setImmediate);
      deepEqual(client.events, []);
    }));
});

describe('connecting', () => {
  leavesNothingOpen();

  it('gives the transport and the protocol of the factory, made only once connected', () =>
    withServer(
      () => new Echo(),
      async ({ loop, port }) => {
        const client = new Recorder();
        const [transport, protocol] = await loop.createConnection(() => client, 'localhost', port, {
          family: 4,
        });
        equal(protocol, client);
        equal(protocol.transport, transport);
        equal(transport.getProtocol(), client);
        const peername = transport.getExtraInfo('peername');
        deepEqual(peername, { address: '127.0.0.1', port, family: 'IPv4' });
        const sockname = transport.getExtraInfo('sockname');
        const socket = transport.getExtraInfo('socket');
        deepEqual(socket?.getsockname(), sockname);
        deepEqual(socket?.getpeername(), peername);
        ok((socket?.fileno() as number) > 2);
        equal(transport.getExtraInfo('cipher'), undefined);
        equal(transport.getExtraInfo('cipher', null), null);
        equal(transport.getExtraInfo('toString', 5), 5);
        transport.close();
        await client.lost;
        // What was asked for once is known after the end.
        deepEqual(transport.getExtraInfo('peername'), peername);
      },
    ));

  it('localAddr is where the connection comes from', () =>
    withServer(
      () => new Echo(),
      async ({ loop, port }) => {
        const client = new Recorder();
        const localAddr = ['127.0.0.3', 0] as const;
        await loop.createConnection(() => client, '127.0.0.1', port, { localAddr });
        equal(client.transport.getExtraInfo('sockname')?.address, '127.0.0.3');
        client.transport.close();
        await client.lost;
        const taken = ['127.0.0.1', port] as const;
        const again = loop.createConnection(factory, '127.0.0.1', port, { localAddr: taken });
        await rejects(again, { code: 'EADDRINUSE' });
      },
    ));

  it('the stack of a failure begins at the caller', () =>
    withLoop(async (loop) => {
      const port = await deadPort(loop);
      const connecting = loop.createConnection(factory, '127.0.0.1', port);
      const error = await connecting.catch((failure: unknown) => failure as Error);
      ok((error as Error).stack?.includes('connecting.test'), (error as Error).stack);
    }));
});

describe('giving a connection up', () => {
  leavesNothingOpen();

  it('at once, in the same turn', () =>
    withServer(factory, async ({ loop, port }) => {
      for (const host of ['127.0.0.1', 'localhost', 'no..such.host']) {
        const connecting = loop.createConnection(factory, host, port);
        equal(connecting.cancel(), true);
        await rejects(connecting, CancelledError);
        const serving = loop.createServer(factory, host, 0);
        equal(serving.cancel(), true);
        await rejects(serving, CancelledError);
      }
    }));

  it('by a signal, before and during the attempt', () =>
    withServer(factory, async ({ loop, port }) => {
      const aborted = { signal: AbortSignal.abort() };
      await rejects(loop.createConnection(factory, '127.0.0.1', port, aborted), CancelledError);
      await rejects(loop.createServer(factory, '127.0.0.1', 0, aborted), CancelledError);
      const controller = new AbortController();
      const { signal } = controller;
      const connecting = loop.createConnection(factory, '127.0.0.1', port, { signal });
      await Promise.resolve();
      controller.abort();
      await rejects(connecting, CancelledError);
      // Too late is no harm.
      const late = new AbortController();
      const options = { signal: late.signal };
      const [transport] = await loop.createConnection(factory, '127.0.0.1', port, options);
      late.abort();
      equal(transport.isClosing(), false);
      transport.abort();
    }));

  it('that a full backlog keeps waiting', async () => {
    // A thread that listens and sleeps: the kernel drops what comes when the backlog is full.
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const worker = startWorker((_uvio, { net, threads }, shared) => {
      const server = net.createServer((socket) => socket.destroy());
      server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        threads.parentPort?.postMessage((server.address() as { port: number }).port);
        threads.parentPort?.once('message', (flag: Int32Array) => {
          threads.parentPort?.postMessage(shared);
          Atomics.wait(flag, 0, 0);
          server.close();
        });
      });
    }, 'asleep');
    const [port] = (await once(worker, 'message')) as [number];
    worker.postMessage(gate);
    await once(worker, 'message');
    await withLoop(async (loop) => {
      const attempts = Array.from({ length: 6 }, () =>
        loop.createConnection(factory, '127.0.0.1', port),
      );
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      const pending = attempts.filter((attempt) => !attempt.done());
      ok(pending.length > 0, 'all were connected: not the case to test');
      for (const attempt of pending) {
        equal(attempt.cancel(), true);
        await rejects(attempt, CancelledError);
      }
      for (const attempt of attempts) if (!attempt.cancelled()) (await attempt)[0].abort();
      await new Promise(setImmediate);
    });
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    await once(worker, 'exit');
  });

  it('after any number of callbacks, when it may be connected already', () =>
    withServer(factory, async ({ loop, port }) => {
      for (let links = 0; links < 60; links++) {
        const client = new Recorder();
        const connecting = loop.createConnection(() => client, '127.0.0.1', port);
        let left = links;
        await new Promise<void>((resolve) => {
          const next = () => {
            if (left-- > 0) loop.callSoon(next);
            else {
              connecting.cancel();
              resolve();
            }
          };
          loop.callSoon(next);
        });
        const result = await connecting.then(
          ([transport]) => transport.abort(),
          (error: unknown) => ok(error instanceof CancelledError),
        );
        equal(result, undefined);
        equal(client.events.includes('connectionMade'), client.transport !== undefined);
      }
    }));

  it("when the server has it already, from the server's own callback", () => {
    let connecting: { cancel(): boolean } | undefined;
    const make = () => new Recorder({ connectionMade: () => void connecting?.cancel() });
    return withServer(make, async ({ loop, port }) => {
      for (let round = 0; round < 50; round++) {
        const future = loop.createConnection(factory, '127.0.0.1', port);
        connecting = future;
        await future.then(
          ([transport]) => transport.abort(),
          (error: unknown) => ok(error instanceof CancelledError),
        );
      }
    });
  });

  it('by cancelling the task that waits for it', () =>
    withServer(factory, async ({ loop, port }) => {
      const task = loop.createTask(async () => {
        await loop.createConnection(factory, '127.0.0.1', port);
        await sleep(1_000_000);
      });
      await new Promise<void>((resolve) => loop.callSoon(resolve));
      task.cancel();
      await rejects(task, CancelledError);
    }));
});
