/**
 * Memory that a program takes away between write() and the sending: transferred to another thread, or resized.
 *
 * Guards: that connection ends, with an error, and its peer hears of it; no other connection of the round loses
 * anything, and no byte of another one is sent in place of what has gone; so with TLS, whoever encrypts.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { Peer, Recorder, type ServerContext, withServer } from './peers.js';
import { TlsPeer, withBothEngines, withTlsServer } from './tls_peers.js';

type Spoil = (size: number) => [Uint8Array, () => unknown];

const spoils: Record<string, Spoil> = {
  'was transferred': (size) => {
    const bytes = new Uint8Array(size).fill(1);
    return [
      bytes,
      () => structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] }),
    ];
  },
  'has become shorter': (size) => resizable(size, 0),
  'has become longer': (size) => resizable(size, size + 1),
};

function resizable(size: number, later: number): [Uint8Array, () => unknown] {
  const Resizable = ArrayBuffer as unknown as new (
    size: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(size: number): void };
  const memory = new Resizable(size, { maxByteLength: size + 1 });
  return [new Uint8Array(memory), () => memory.resize(later)];
}

/** Two connections write in one round, and the memory of one of them is taken away before it ends. */
async function spoilOne(
  { port }: ServerContext,
  made: Recorder[],
  connect: (port: number) => Promise<Peer>,
  spoil: Spoil,
  size: number,
): Promise<void> {
  const peers = [await connect(port), await connect(port)] as const;
  const servers = [made[0], made[1]] as [Recorder, Recorder];
  await Promise.all(servers.map((server) => server.made));
  const [bytes, takeAway] = spoil(size);
  servers[0].transport.write('x');
  servers[0].transport.write(bytes);
  servers[1].transport.write('well');
  servers[1].transport.write(' done');
  takeAway();
  await peers[1].inbox.has(9);
  equal(peers[1].inbox.text(), 'well done');
  const error = (await servers[0].lost) as NodeJS.ErrnoException;
  deepEqual([error.code, error.syscall], ['EINVAL', 'write']);
  await peers[0].closed;
  equal(peers[0].inbox.size, 0);
  await peers[1].close();
}

describe('memory that is taken away before it was sent', () => {
  leavesNothingOpen();

  for (const [how, spoil] of Object.entries(spoils)) {
    it(`and ${how} ends its own connection only`, () => {
      const made: Recorder[] = [];
      const factory = () => made[made.push(new Recorder()) - 1] as Recorder;
      return withServer(factory, (on) => spoilOne(on, made, Peer.connect, spoil, 10_000));
    });
  }

  it('ends its connection too when close() is what sends', () => {
    const server = new Recorder();
    return withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        await server.made;
        const [bytes, takeAway] = (spoils['was transferred'] as Spoil)(100);
        server.transport.write('x');
        server.transport.write(bytes);
        takeAway();
        server.transport.close();
        equal(((await server.lost) as NodeJS.ErrnoException).code, 'EINVAL');
        await peer.closed;
      },
    );
  });

  withBothEngines(() => {
    for (const [how, spoil] of Object.entries(spoils)) {
      it(`and ${how} ends its own TLS connection only`, () => {
        const made: Recorder[] = [];
        const factory = () => made[made.push(new Recorder()) - 1] as Recorder;
        return withTlsServer(factory, (on) => spoilOne(on, made, TlsPeer.secure, spoil, 1000));
      });
    }
  });
});
