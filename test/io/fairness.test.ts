/**
 * Loops share a thread with each other and with Node's own loop; none starves another.
 *
 * A turn of a uvio loop has a budget, after which Node's timers and sockets get theirs. The tests keep
 * one side as busy as it can be and state that the other side still gets on.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { leavesNothingOpen } from '../support.js';
import {
  BufferedEcho,
  Echo,
  portOf,
  Recorder,
  type ServerContext,
  withLoop,
  withServer,
} from './peers.js';

/** Connections that echo with themselves without a pause, until the returned function is called. */
async function keepBusy(on: ServerContext, connections = 4): Promise<() => number> {
  let rounds = 0;
  const clients: Recorder[] = [];
  for (let index = 0; index < connections; index++) {
    const client = new Recorder({
      connectionMade: (transport) => transport.write(Buffer.alloc(1024)),
      dataReceived(data, transport) {
        rounds++;
        client.inbox.chunks.length = 0;
        transport.write(data);
      },
    });
    await on.loop.createConnection(() => client, '127.0.0.1', on.port);
    clients.push(client);
  }
  return () => {
    for (const client of clients) client.transport.abort();
    return rounds;
  };
}

describe('fairness', () => {
  leavesNothingOpen();

  for (const [kind, Protocol] of Object.entries({ Echo, BufferedEcho })) {
    it(`a busy ${kind} does not starve setTimeout, setImmediate or its own timers`, () =>
      withServer(
        () => new Protocol(),
        async (on) => {
          const stop = await keepBusy(on);
          for (let tick = 0; tick < 20; tick++) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            await new Promise(setImmediate);
            await new Promise<void>((resolve) => on.loop.callLater(0.5, resolve));
          }
          const rounds = stop();
          ok(rounds > 20, `only ${rounds} rounds of echo meanwhile`);
        },
      ));
  }

  it('an endless chain of callSoon does not starve sockets, timers or Node', () =>
    withServer(
      () => new Echo(),
      async (on) => {
        let links = 0;
        let stopped = false;
        const link = () => {
          links++;
          if (!stopped) on.loop.callSoon(link);
        };
        on.loop.callSoon(link);
        const stop = await keepBusy(on, 1);
        for (let tick = 0; tick < 10; tick++) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          await new Promise<void>((resolve) => on.loop.callLater(0.5, resolve));
        }
        stopped = true;
        ok(stop() > 10);
        ok(links > 100);
      },
    ));

  it("an http server on Node's own loop serves beside a busy one", () =>
    withServer(
      () => new Echo(),
      async (on) => {
        const http = createServer((_request, response) => response.end('beside'));
        await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
        const { port } = http.address() as AddressInfo;
        const stop = await keepBusy(on);
        for (let request = 0; request < 20; request++) {
          const body = await new Promise<string>((resolve, reject) => {
            const options = { port, host: '127.0.0.1', agent: false as const };
            get(options, (response) => {
              let text = '';
              response.on('data', (data: Buffer) => {
                text += data;
              });
              response.on('end', () => resolve(text));
            }).on('error', reject);
          });
          equal(body, 'beside');
        }
        ok(stop() > 20);
        await new Promise((resolve) => http.close(resolve));
      },
    ));

  it('two loops in one thread serve each other', () =>
    withServer(
      () => new Echo(),
      ({ loop: first, port: firstPort }) =>
        withLoop(async (second) => {
          const server = await second.createServer(() => new Echo(), '127.0.0.1', 0);
          const results = await Promise.all(
            [
              { loop: first, port: portOf(server) },
              { loop: second, port: firstPort },
            ].map(async ({ loop, port }, side) => {
              let asked = 0;
              const client = new Recorder({
                connectionMade: (transport) => transport.write('0'),
                dataReceived(_data, transport) {
                  if (++asked === 500) transport.close();
                  else transport.write(String(side));
                },
              });
              await loop.createConnection(() => client, '127.0.0.1', port);
              equal(await client.lost, null);
              return asked;
            }),
          );
          deepEqual(results, [500, 500]);
          await server[Symbol.asyncDispose]();
        }),
    ));

  it('the busy loop of two does not starve the other', () =>
    withServer(
      () => new Echo(),
      async (on) => {
        const stop = await keepBusy(on);
        await withLoop(async (other) => {
          const order: number[] = [];
          for (let tick = 0; tick < 20; tick++) {
            await new Promise<void>((resolve) => other.callLater(0.2, resolve));
            await new Promise<void>((resolve) => other.callSoon(resolve));
            order.push(tick);
          }
          equal(order.length, 20);
        });
        ok(stop() > 0);
      },
    ));
});
