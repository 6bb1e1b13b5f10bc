/**
 * What callbacks of one connection do to another: write to it, close it, hand its memory on.
 *
 * Guards: flow control speaks up in the middle of a write(), and what is written to another connection then, or had been
 * written to it before, is sent. asyncio has no rule against it, and a proxy does nothing else.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { type Hooks, Peer, Recorder, type ServerContext, withServer } from './peers.js';

const MEBIBYTE = 1024 * 1024;

interface Connection {
  peer: Peer;
  server: Recorder;
}

/** Runs `body` with two connections to a server; the first has `hooks`. */
function withTwo(
  hooks: (other: () => Transport) => Hooks,
  body: (first: Connection, second: Connection, on: ServerContext) => Promise<void>,
): Promise<void> {
  const second = new Recorder();
  const first = new Recorder(hooks(() => second.transport));
  const made = [first, second];
  return withServer(
    () => made.shift() as Recorder,
    async (on) => {
      const connections: Connection[] = [];
      for (const server of [first, second]) {
        const peer = await Peer.connect(on.port);
        await server.made;
        connections.push({ peer, server });
      }
      await body(...(connections as [Connection, Connection]), on);
      for (const { peer } of connections) await peer.close();
    },
  );
}

/** Writes until the kernel takes no more, in small pieces; calls `before` in each round before it does. */
async function fill(
  { peer, server }: Connection,
  loop: ServerContext['loop'],
  before = () => {},
): Promise<void> {
  peer.socket.pause();
  while (!server.events.includes('pauseWriting')) {
    await new Promise<void>((resolve) => {
      loop.callSoon(() => {
        before();
        for (let count = 0; count < 8; count++) server.transport.write(Buffer.alloc(8000));
        resolve();
      });
    });
  }
}

describe('a callback of one connection that acts on another', () => {
  leavesNothingOpen();

  it('pauseWriting() and resumeWriting() write to it', () => {
    const say = (word: string, other: () => Transport) => other().write(word);
    return withTwo(
      (other) => ({
        pauseWriting: () => say('pause ', other),
        resumeWriting: () => say('resume', other),
      }),
      async (first, second, { loop }) => {
        await fill(first, loop);
        await second.peer.inbox.has(6);
        first.peer.socket.resume();
        await second.peer.inbox.has(12);
        equal(second.peer.inbox.text(), 'pause resume');
      },
    );
  });

  it('pauseWriting() writes so much to it that it pauses as well', () =>
    withTwo(
      (other) => ({ pauseWriting: () => other().write(Buffer.alloc(16 * MEBIBYTE, 'x')) }),
      async (first, second, { loop }) => {
        second.peer.socket.pause();
        await fill(first, loop);
        while (!second.server.events.includes('pauseWriting')) await new Promise(setImmediate);
        second.peer.socket.resume();
        await second.peer.inbox.has(16 * MEBIBYTE);
        equal(second.server.events.at(-1), 'resumeWriting');
      },
    ));

  for (const way of ['close', 'abort'] as const) {
    it(`pauseWriting() calls ${way}() on it, which was written to in the same round`, () =>
      withTwo(
        (other) => ({ pauseWriting: () => other()[way]() }),
        async (first, second, { loop }) => {
          let rounds = 0;
          await fill(first, loop, () => {
            rounds++;
            second.server.transport.write('.');
          });
          equal(await second.server.lost, null);
          await second.peer.ended;
          const { size } = second.peer.inbox;
          if (way === 'close') equal(size, rounds);
          else ok(size < rounds, 'abort() has sent what had not left');
          deepEqual(first.server.events, ['connectionMade', 'pauseWriting']);
        },
      ));
  }

  it('connectionLost() writes to it, and it to the one that is lost', () =>
    withTwo(
      (other) => ({ connectionLost: () => other().write('gone') }),
      async (first, second) => {
        first.peer.socket.resetAndDestroy();
        await first.server.lost;
        await second.peer.inbox.has(4);
        first.server.transport.write('to nobody');
        equal(second.peer.inbox.text(), 'gone');
      },
    ));
});

describe('a connection whose reading is paused', () => {
  leavesNothingOpen();

  for (const way of ['close', 'abort'] as const) {
    it(`ends by ${way}(), and what waited in the kernel is not delivered`, () =>
      withTwo(
        () => ({}),
        async ({ peer, server }) => {
          server.transport.pauseReading();
          peer.socket.write('unread');
          await new Promise((resolve) => peer.socket.write('unread too', resolve));
          server.transport[way]();
          server.transport.resumeReading();
          equal(server.transport.isReading(), false);
          equal(await server.lost, null);
          deepEqual(server.events, ['connectionMade', 'connectionLost']);
          await peer.closed;
        },
      ));
  }

  it('closes with bytes to send, and sends them first', () =>
    withTwo(
      () => ({}),
      async ({ peer, server }) => {
        server.transport.pauseReading();
        server.transport.write(Buffer.alloc(8 * MEBIBYTE));
        server.transport.close();
        await peer.inbox.has(8 * MEBIBYTE);
        equal(await server.lost, null);
        await peer.ended;
      },
    ));
});
