/**
 * setProtocol(): a connection handed to another protocol in mid-stream.
 *
 * Guards: no byte is lost, told twice, or given to the wrong one, between protocols of one kind and of
 * the two kinds, from inside any callback and from outside; what is no protocol is refused.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { BufferedProtocol, Protocol, type StreamProtocol, type Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Deferred, Echo, Inbox, Peer, Recorder, randomData, sha256, withServer } from './peers.js';

/** Reads into small memory of its own, and hands on what it got. */
class Collector extends BufferedProtocol {
  readonly memory = Buffer.alloc(1000);
  readonly #inbox: Inbox;
  readonly #after: ((size: number) => void) | undefined;

  constructor(inbox: Inbox, after?: (size: number) => void) {
    super();
    this.#inbox = inbox;
    this.#after = after;
  }

  override getBuffer(): Uint8Array {
    return this.memory;
  }

  override bufferUpdated(size: number): void {
    this.#inbox.push(Buffer.from(this.memory.subarray(0, size)));
    this.#after?.(size);
  }
}

describe('a change of protocol', () => {
  leavesNothingOpen();

  it('goes on with the next byte, to a protocol of the same kind', async () => {
    const second = new Recorder();
    const first = new Recorder({
      dataReceived(_data, transport) {
        transport.setProtocol(second);
        equal(transport.getProtocol(), second);
      },
    });
    await withServer(
      () => first,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.write('for the first');
        await first.inbox.has(13);
        peer.socket.end('for the second');
        await second.lost;
        await peer.closed;
      },
    );
    equal(first.inbox.text(), 'for the first');
    equal(second.inbox.text(), 'for the second');
    deepEqual(first.events, ['connectionMade', 'dataReceived']);
    deepEqual(second.events, ['dataReceived', 'eofReceived', 'connectionLost']);
  });

  const places = ['connectionMade', 'a read', 'outside of callbacks', 'getBuffer'] as const;
  for (const place of places) {
    it(`goes from Protocol to BufferedProtocol and back, in ${place}`, async () => {
      const inbox = new Inbox();
      let transport!: Transport;
      let changes = 0;
      const change = () => {
        if (place === 'outside of callbacks' || changes >= 40) return;
        changes++;
        transport.setProtocol(changes % 2 === 0 ? plain : buffered);
      };
      const lost = new Deferred<Error | null>();
      const plain: StreamProtocol = Object.assign(new Protocol(), {
        connectionMade(made: Transport) {
          transport = made;
          if (place === 'connectionMade') change();
        },
        dataReceived(data: Buffer) {
          inbox.push(data);
          if (place !== 'connectionMade') change();
        },
        connectionLost: lost.resolve,
      });
      const buffered = new Collector(inbox, () => {
        if (place === 'a read') change();
      });
      buffered.connectionLost = lost.resolve;
      if (place === 'getBuffer') {
        buffered.getBuffer = () => {
          change();
          return buffered.memory;
        };
      }
      const data = randomData(1024 * 1024);
      await withServer(
        () => plain,
        async ({ port }) => {
          const peer = await Peer.connect(port);
          for (let sent = 0; sent < data.length; sent += 64 * 1024) {
            peer.socket.write(data.subarray(sent, sent + 64 * 1024));
            await Promise.race([inbox.has(sent + 1), lost.promise]);
            if (place === 'outside of callbacks') {
              changes++;
              transport.setProtocol(changes % 2 === 0 ? plain : buffered);
            }
          }
          const ended = await Promise.race([inbox.has(data.length), lost.promise]);
          equal(ended, undefined);
          ok(changes > 0);
          equal(sha256(inbox.bytes()), sha256(data));
          await peer.close();
          equal(await lost.promise, null);
        },
      );
    });
  }

  it('does not start reading that is paused', async () => {
    const inbox = new Inbox();
    const server = new Recorder({ connectionMade: (transport) => transport.pauseReading() });
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.write('waiting');
        (await server.made).setProtocol(new Collector(inbox));
        for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
        equal(inbox.size, 0);
        server.transport.resumeReading();
        await inbox.has(7);
        equal(inbox.text(), 'waiting');
        await peer.close();
      },
    );
  });

  it('refuses what is no protocol, and keeps the one it has', async () => {
    const server = new Echo();
    let transport!: Transport;
    server.connectionMade = function (made) {
      transport = made;
      Object.getPrototypeOf(server).connectionMade.call(this, made);
    };
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        equal(await peer.ask('hello'), 'hello');
        for (const wrong of [undefined, null, 1, {}, { dataReceived() {} }, () => {}]) {
          throws(() => transport.setProtocol(wrong as never), {
            name: 'TypeError',
            message: /^protocol must be/,
          });
        }
        equal(transport.getProtocol(), server);
        equal(await peer.ask('again'), 'again');
        await peer.close();
      },
    );
  });
});
