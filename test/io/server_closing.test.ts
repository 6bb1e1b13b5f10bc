/**
 * How servers end: close() with a time of grace, on TCP and on unix sockets alike.
 *
 * Guards: connections that end in time are not disturbed, the others are aborted when the time is up, a
 * timer that is not needed any more does not hold the process, and the arguments are checked.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import type { EventLoop, Server } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFolder } from './local_peers.js';
import { portOf, Recorder, withLoop } from './peers.js';
import { assertPrinted, runProcess } from './programs.js';

interface Pair {
  server: Server<unknown>;
  accepted: Recorder;
  client: Recorder;
}

const KINDS = ['TCP', 'unix'] as const;

/** A server with so many connections of the same loop. */
async function withConnections(
  kind: (typeof KINDS)[number],
  count: number,
  body: (loop: EventLoop, server: Server<unknown>, pairs: Pair[]) => Promise<void>,
): Promise<void> {
  await withFolder((folder) =>
    withLoop(async (loop) => {
      const made: Recorder[] = [];
      const make = () => made[made.push(new Recorder()) - 1] as Recorder;
      const path = `${folder}/socket`;
      const server =
        kind === 'TCP'
          ? await loop.createServer(make, '127.0.0.1', 0)
          : await loop.createUnixServer(make, path);
      const pairs: Pair[] = [];
      for (let index = 0; index < count; index++) {
        const client = new Recorder();
        if (kind === 'unix') await loop.createUnixConnection(() => client, path);
        else {
          await loop.createConnection(() => client, '127.0.0.1', portOf(server as Server));
        }
        while (made.length === index) await new Promise(setImmediate);
        pairs.push({ server, accepted: made[index] as Recorder, client });
      }
      await body(loop, server, pairs);
    }),
  );
}

for (const kind of KINDS) {
  describe(`closing a ${kind} server`, () => {
    leavesNothingOpen();

    it('with graceMs lets connections end, then aborts the others', async () => {
      await withConnections(kind, 3, async (loop, server, [first, second, third]) => {
        const started = loop.time();
        server.close({ graceMs: 60 });
        equal(server.isServing(), false);
        const closed = server.waitClosed();
        // One ends by itself, one still talks, one has more to send than is read.
        first?.client.transport.close();
        equal(await first?.accepted.lost, null);
        third?.client.transport.pauseReading();
        third?.accepted.transport.write(Buffer.alloc(8 * 1024 * 1024));
        second?.client.transport.write('hello');
        await second?.accepted.inbox.has(5);
        await closed;
        ok(loop.time() - started >= 60);
        equal(await second?.accepted.lost, null);
        equal(await third?.accepted.lost, null);
        for (const pair of [second, third]) pair?.client.transport.abort();
        deepEqual(second?.accepted.events.at(-1), 'connectionLost');
      });
    });

    it('with graceMs: 0 aborts in the next batch', async () => {
      await withConnections(kind, 2, async (_loop, server, pairs) => {
        server.close({ graceMs: 0 });
        deepEqual(
          pairs.map(({ accepted }) => accepted.transport.isClosing()),
          [false, false],
        );
        await server.waitClosed();
        for (const { accepted, client } of pairs) {
          equal(await accepted.lost, null);
          await client.lost;
        }
      });
    });

    it('may be told the time later, and another time again', async () => {
      await withConnections(kind, 1, async (loop, server, [pair]) => {
        server.close();
        for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
        equal(pair?.accepted.transport.isClosing(), false);
        server.close({ graceMs: 60_000 });
        const started = loop.time();
        server.close({ graceMs: 20 });
        await server.waitClosed();
        ok(loop.time() - started < 10_000);
        await pair?.client.lost;
      });
    });

    it('closeClients() and abortClients() end all of its connections and no others', async () => {
      for (const way of ['closeClients', 'abortClients'] as const) {
        await withConnections(kind, 2, async (_loop, server, pairs) => {
          server[way]();
          for (const { accepted, client } of pairs) {
            equal(await accepted.lost, null);
            equal(await client.lost, null);
          }
          ok(server.isServing());
          server.close();
          await server.waitClosed();
        });
      }
    });

    it('is what leaving its block with asyncDispose does', async () => {
      await withConnections(kind, 1, async (_loop, server, [pair]) => {
        const disposed = server[Symbol.asyncDispose]();
        equal(server.isServing(), false);
        pair?.client.transport.close();
        await disposed;
        deepEqual(server.sockets, []);
      });
    });
  });
}

describe('the time of grace', () => {
  leavesNothingOpen();

  it('is checked at the call, which then closes nothing', async () => {
    await withConnections('unix', 0, async (_loop, server) => {
      for (const graceMs of ['1', null, {}]) {
        throws(() => server.close({ graceMs } as never), /^TypeError: graceMs must be a number/);
      }
      throws(() => server.close({ graceMs: -1 }), RangeError);
      throws(() => server.close({ graceMs: Number.NaN }), RangeError);
      throws(() => server.close(5 as never), TypeError);
      ok(server.isServing());
      server.close();
    });
  });

  it('means nothing when the loop is closed already', async () => {
    let server!: Server<unknown>;
    await withConnections('unix', 2, async (_loop, made) => {
      server = made;
    });
    server.close({ graceMs: 10 });
    equal(server.isServing(), false);
  });

  it('does not hold a process whose connections have ended', async () => {
    const outcome = await runProcess(async ({ newEventLoop }, { Recorder: Made, portOf }) => {
      const loop = newEventLoop();
      const server = await loop.createServer(() => new Made(), '127.0.0.1', 0);
      const client = new Made();
      const connection = loop.createConnection(() => client, '127.0.0.1', portOf(server));
      const [transport] = await connection;
      await new Promise((resolve) => setTimeout(resolve, 1));
      server.close({ graceMs: 3_600_000 });
      transport.close();
      await server.waitClosed();
      console.log('closed');
    });
    assertPrinted(outcome, 'closed');
  });
});
