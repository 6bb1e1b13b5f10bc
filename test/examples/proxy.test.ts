/*
 * The proxy: both ways, half-close, slow readers, lost sides, many connections. Clients and targets are on node:net, and
 * programs that know nothing of uvio. Invariant: nothing here waits for time to pass, only for events.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { readAddress, serve } from '../../examples/proxy.js';
import { inTask } from '../high/stream_support.js';
import { hasProgram } from '../io/local_peers.js';
import { Peer, portOf, randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen, toolEnvironment } from '../support.js';

const LARGE = 8 * 1024 * 1024;

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1', 2048);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Runs `body` with a proxy to `target`; it has the proxy's port. */
function throughProxy(target: Server, body: (port: number) => Promise<void>): Promise<void> {
  return inTask(async () => {
    const port = await listen(target);
    const proxy = await serve(readAddress('--listen', '0'), { host: '127.0.0.1', port });
    try {
      await body(portOf(proxy));
    } finally {
      proxy.close();
      proxy.abortClients();
      await proxy.waitClosed();
      target.close();
      await once(target, 'close');
    }
  });
}

/** A target that hands its connections to the test. */
class Target {
  readonly server = createServer({ allowHalfOpen: true }, (socket) => this.#came.push(socket));
  readonly #came: Socket[] = [];

  async accept(): Promise<Peer> {
    while (this.#came.length === 0) await once(this.server, 'connection');
    return new Peer(this.#came.shift() as Socket);
  }
}

/** Runs `body` with both ends of one proxied connection. */
function withEnds(body: (client: Peer, target: Peer) => Promise<void>): Promise<void> {
  const target = new Target();
  return throughProxy(target.server, async (port) => {
    const client = await Peer.connect(port, { allowHalfOpen: true });
    const other = await target.accept();
    await body(client, other);
    await Promise.all([client.close(), other.close()]);
  });
}

/** Answers with all that came, in capitals, once the client sends no more. */
const shout = () =>
  createServer({ allowHalfOpen: true }, (socket) => {
    const { inbox, ended } = new Peer(socket);
    ended.then(() => socket.end(inbox.text().toUpperCase()));
  });

const echo = () => createServer((socket) => socket.pipe(socket).on('error', () => {}));

const env = toolEnvironment();

describe('the proxy', () => {
  leavesNothingOpen();

  it('carries bytes both ways at once', () =>
    withEnds(async (client, target) => {
      const [up, down] = [randomData(LARGE), randomData(LARGE)];
      client.socket.write(up);
      target.socket.write(down);
      await Promise.all([client.inbox.has(LARGE), target.inbox.has(LARGE)]);
      equal(sha256(target.inbox.bytes()), sha256(up));
      equal(sha256(client.inbox.bytes()), sha256(down));
    }));

  for (const first of ['client', 'target'] as const) {
    it(`passes the end of the ${first}'s half on, and the rest of the other way`, () =>
      withEnds(async (client, target) => {
        const [one, other] = first === 'client' ? [client, target] : [target, client];
        one.socket.end('question');
        await other.ended;
        equal(other.inbox.text(), 'question');
        const answer = randomData(LARGE);
        other.socket.write(answer.subarray(0, 1000));
        await one.inbox.has(1000);
        other.socket.end(answer.subarray(1000));
        await Promise.all([one.closed, other.closed]);
        equal(sha256(one.inbox.bytes()), sha256(answer));
      }));

    it(`a ${first} that is reset takes the other side with it`, () =>
      withEnds(async (client, target) => {
        const [one, other] = first === 'client' ? [client, target] : [target, client];
        one.socket.resetAndDestroy();
        await other.ended;
        other.socket.end();
        await other.closed;
      }));

    it(`a ${first} that reads slowly stops the other, and gets every byte`, () =>
      withEnds(async (client, target) => {
        const [slow, fast] = first === 'client' ? [client, target] : [target, client];
        slow.socket.pause();
        const data = randomData(32 * 1024 * 1024);
        const piece = 64 * 1024;
        let sent = 0;
        const pump = () => {
          while (sent < data.length) {
            sent += piece;
            if (!fast.socket.write(data.subarray(sent - piece, sent))) return;
          }
        };
        fast.socket.on('drain', pump);
        pump();
        // Stopped: as many turns as 32 MiB would take many times over bring nothing more.
        for (let turn = 0, last = -1; turn < 200 || sent !== last; turn++) {
          last = sent;
          await new Promise(setImmediate);
        }
        ok(sent < data.length, 'nobody said stop');
        slow.socket.resume();
        await slow.inbox.has(data.length);
        equal(sha256(slow.inbox.bytes()), sha256(data));
      }));
  }

  it('a client gets the whole answer of a target that has gone meanwhile', () =>
    withEnds(async (client, target) => {
      const answer = randomData(LARGE);
      target.socket.end(answer);
      await once(target.socket, 'finish');
      // Much of it is still on its way.
      client.socket.pause();
      target.socket.destroy();
      await target.closed;
      client.socket.resume();
      await client.inbox.has(LARGE);
      equal(sha256(client.inbox.bytes()), sha256(answer));
    }));

  it('clients that leave at once leave nothing behind', () =>
    throughProxy(echo(), async (port) => {
      for (let round = 0; round < 100; round++) {
        const client = await Peer.connect(port);
        if (round % 2 === 0) client.socket.resetAndDestroy();
        else client.socket.end();
        await client.closed;
      }
      const client = await Peer.connect(port);
      equal(await client.ask('still there?'), 'still there?');
      await client.close();
    }));

  it('serves a thousand connections at once', function () {
    this.timeout(60_000);
    return throughProxy(echo(), async (port) => {
      const names = Array.from({ length: 1000 }, (_, index) => `connection ${index}`);
      const clients = await Promise.all(names.map(() => Peer.connect(port)));
      const answers = await Promise.all(clients.map((client, at) => client.ask(names[at] ?? '')));
      deepEqual(answers, names);
      for (const client of clients) client.socket.end();
      await Promise.all(clients.map((client) => client.closed));
    });
  });

  for (const [program, parameters] of Object.entries({
    nc: (port: number) => ['-N', '127.0.0.1', `${port}`],
    socat: (port: number) => ['-t', '10', '-', `TCP4:127.0.0.1:${port}`],
  })) {
    it(`${program} half-closes through it and gets its answer`, function () {
      if (!hasProgram(program)) this.skip();
      return throughProxy(shout(), async (port) => {
        const child = spawn(program, parameters(port), {
          env,
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        child.stdin.end('over and back');
        equal(await text(child.stdout), 'OVER AND BACK');
      });
    });
  }

  it('curl uploads and downloads through it', function () {
    if (!hasProgram('curl')) this.skip();
    const http = createHttpServer((request, response) => request.pipe(response));
    return throughProxy(http, async (port) => {
      const data = randomData(LARGE);
      const sending = ['--silent', '--show-error', '--data-binary', '@-'];
      const curl = spawn('curl', [...sending, `http://127.0.0.1:${port}/`], {
        env,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      curl.stdin.end(data);
      const received: Buffer[] = [];
      for await (const chunk of curl.stdout) received.push(chunk);
      equal(sha256(received), sha256(data));
    });
  });

  it('reads addresses', async () => {
    deepEqual(readAddress('--to', 'example.org:80'), { host: 'example.org', port: 80 });
    deepEqual(readAddress('--to', '[::1]:80'), { host: '::1', port: 80 });
    deepEqual(readAddress('--to', '8080'), { host: '127.0.0.1', port: 8080 });
    for (const wrong of [undefined, '', 'host', 'host:', 'host:65536', '::1:80', 'host:-1']) {
      await rejects(async () => readAddress('--to', wrong), /--to wants host:port, not /);
    }
  });
});
