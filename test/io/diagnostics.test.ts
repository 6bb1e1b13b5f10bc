/**
 * What uvio publishes through node:diagnostics_channel: what Node's net does, of its own connections and servers.
 *
 * Guards: names and messages are those of net, which is played beside it; a connection is told of before its protocol is.
 */

import { deepEqual, equal, rejects } from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Protocol, Server, type SystemError, type Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { portOf, Recorder, withLoop } from './peers.js';

const CHANNELS = [
  'net.client.socket',
  'net.server.socket',
  'tracing:net.server.listen:asyncStart',
  'tracing:net.server.listen:asyncEnd',
  'tracing:net.server.listen:error',
];

type Message = Record<string, unknown>;

/** Runs `body` and gives what was published meanwhile. */
async function published(body: () => Promise<void>): Promise<[name: string, message: Message][]> {
  const messages: [string, Message][] = [];
  const listen = (message: unknown, name: string | symbol) =>
    messages.push([String(name), message as Message]);
  for (const name of CHANNELS) subscribe(name, listen);
  try {
    await body();
  } finally {
    for (const name of CHANNELS) unsubscribe(name, listen);
  }
  return messages;
}

/** Names of channels and of the messages' members. */
function shapes(messages: [string, Message][]): string[] {
  return messages.map(([name, message]) => `${name} {${Object.keys(message).join(', ')}}`);
}

describe('diagnostics channels', () => {
  leavesNothingOpen();

  it('tell of a server and of a connection what net tells', async () => {
    const ofNet = await published(async () => {
      const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const client = connect(port, '127.0.0.1').resume();
      await once(client, 'close');
      const taken = createServer().listen(port, '127.0.0.1');
      await once(taken, 'error');
      server.close();
      await once(server, 'close');
    });
    const ofUvio = await published(() =>
      withLoop(async (loop) => {
        const abort = (transport: Transport) => transport.abort();
        const factory = () => new Recorder({ connectionMade: abort });
        const server = await loop.createServer(factory, '127.0.0.1', 0);
        const [, client] = await loop.createConnection(
          () => new Recorder(),
          '127.0.0.1',
          portOf(server),
        );
        await client.lost;
        await rejects(loop.createServer(factory, '127.0.0.1', portOf(server)), {
          code: 'EADDRINUSE',
        });
        server.close();
        await server.waitClosed();
      }),
    );
    // Which side of a connection comes first is chance; net tells of a client before it connects.
    deepEqual(shapes(ofUvio).sort(), shapes(ofNet).sort());
  });

  it('name the server with its place, the transport, and the error', () =>
    withLoop(async (loop) => {
      const made: Transport[] = [];
      const messages = await published(async () => {
        const server = await loop.createServer(() => new Protocol(), '127.0.0.1', 0, {
          backlog: 7,
        });
        const port = portOf(server);
        const [transport] = await loop.createConnection(() => new Protocol(), '127.0.0.1', port);
        made.push(transport);
        transport.abort();
        await rejects(loop.createServer(() => new Protocol(), '127.0.0.1', port));
        server.close();
        server.abortClients();
        await server.waitClosed();
      });
      const all = (name: string) => messages.filter((one) => one[0] === name).map((one) => one[1]);
      const [first] = all('tracing:net.server.listen:asyncStart');
      deepEqual(first?.options, { backlog: 7, host: '127.0.0.1', port: 0 });
      equal(first?.server instanceof Server, true);
      equal(all('tracing:net.server.listen:asyncEnd')[0]?.server, first?.server);
      const failure = all('tracing:net.server.listen:error')[0]?.error as SystemError | undefined;
      equal(failure?.code, 'EADDRINUSE');
      deepEqual(all('net.client.socket'), [{ socket: made[0] }]);
    }));

  it('tell of a unix socket by its path', () =>
    withLoop(async (loop) => {
      const folder = mkdtempSync(join(tmpdir(), 'uvio-'));
      const path = join(folder, 'socket');
      const messages = await published(async () => {
        const server = await loop.createUnixServer(() => new Protocol(), path);
        const [transport] = await loop.createUnixConnection(() => new Protocol(), path);
        transport.abort();
        server.close();
        server.abortClients();
        await server.waitClosed();
      });
      rmSync(folder, { recursive: true });
      deepEqual(messages[0]?.[1].options, { path });
      deepEqual(
        messages.map(([name]) => name.split(':').at(-1)),
        ['asyncStart', 'asyncEnd', 'net.client.socket', 'net.server.socket'],
      );
    }));

  it('tell of a connection before its protocol is told', () =>
    withLoop(async (loop) => {
      const made: Recorder[] = [];
      const factory = () => {
        made.push(new Recorder());
        return made.at(-1) as Recorder;
      };
      const eventsThen: string[][] = [];
      const listen = () => eventsThen.push(...made.map((one) => [...one.events]));
      subscribe('net.server.socket', listen);
      const server = await loop.createServer(factory, '127.0.0.1', 0);
      const [transport] = await loop.createConnection(
        () => new Protocol(),
        '127.0.0.1',
        portOf(server),
      );
      while (made.length === 0) await new Promise(setImmediate);
      unsubscribe('net.server.socket', listen);
      deepEqual(eventsThen, [[]]);
      transport.abort();
      await made[0]?.lost;
      server.close();
    }));
});
