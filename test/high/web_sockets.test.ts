/**
 * ws over uvio: its server takes upgrades of an http.Server on uvio's sockets, its clients connect over uvio.
 *
 * Guards: messages of every size arrive whole and in order in both directions, closing is agreed on, and under load
 * nothing is lost.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { overUvio, withWeb } from './web_support.js';

/** Runs `body` with the URL of a server that echoes. */
function withEcho(body: (port: number) => Promise<void>): Promise<void> {
  const web = createServer();
  const sockets = new WebSocketServer({ server: web });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return withWeb(web, body);
}

function open(port: number, near: boolean): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}/`, {
    // Types of ws know net.Sockets only.
    ...(near ? { createConnection: (() => overUvio(port)) as never } : {}),
  });
}

describe('ws over uvio', () => {
  leavesNothingOpen();

  for (const near of [false, true]) {
    it(`echoes messages of every size to a client ${near ? 'over uvio' : 'on net'}`, () =>
      withEcho(async (port) => {
        const socket = open(port, near);
        await once(socket, 'open');
        const messages = [0, 1, 125, 126, 65_535, 65_536, 3_000_000].map(randomData);
        const received: string[] = [];
        const all = new Promise<void>((resolve) =>
          socket.on('message', (data: RawData) => {
            received.push(sha256(data as Buffer));
            if (received.length === messages.length) resolve();
          }),
        );
        for (const message of messages) socket.send(message);
        await all;
        deepEqual(
          received,
          messages.map((message) => sha256(message)),
        );
        socket.close(4000, 'enough');
        const [code, reason] = await once(socket, 'close');
        deepEqual([code, String(reason)], [4000, 'enough']);
      }));
  }

  it('loses nothing with many clients at once', () =>
    withEcho(async (port) => {
      const EACH = 200;
      let received = 0;
      await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const socket = open(port, index % 2 === 0);
          await once(socket, 'open');
          let next = 0;
          socket.on('message', (data: RawData) => {
            equal(String(data), `${index}:${next++}`);
            received++;
            if (next === EACH) socket.close();
          });
          for (let number = 0; number < EACH; number++) socket.send(`${index}:${number}`);
          await once(socket, 'close');
        }),
      );
      equal(received, 40 * EACH);
    }));

  it('hears of a client that vanishes', () => {
    const web = createServer();
    const closings: Promise<unknown[]>[] = [];
    new WebSocketServer({ server: web }).on('connection', (socket) => {
      socket.on('error', () => {});
      closings.push(once(socket, 'close'));
    });
    return withWeb(web, async (port) => {
      const socket = open(port, true);
      await once(socket, 'open');
      socket.terminate();
      await once(socket, 'close');
      equal((await (closings[0] as Promise<unknown[]>))[0], 1006);
    });
  });
});
