/**
 * What write() takes, and in which order and how many pieces it leaves.
 *
 * Guards: every kind of bytes is sent as it is, order holds across the small, the large and the list
 * path of a transport, small writes of one round leave in few system calls, and bad arguments are
 * refused by name.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transport, WriteData } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Peer, Recorder, randomData, sha256, withServer } from './peers.js';
import { assertPrinted, runProcess } from './programs.js';

/** What a peer receives when `send` writes to its connection and the transport is closed. */
async function received(send: (transport: Transport) => unknown): Promise<Buffer> {
  const server = new Recorder();
  return withServer(
    () => server,
    async ({ port }) => {
      const peer = await Peer.connect(port);
      await send(await server.made);
      server.transport.close();
      await peer.ended;
      await peer.close();
      equal(await server.lost, null);
      return peer.inbox.bytes();
    },
  );
}

/** Every write of these sizes is filled with its own number, so that any disorder shows. */
function numbered(sizes: number[]): Buffer[] {
  return sizes.map((size, index) => Buffer.alloc(size, (index % 251) + 1));
}

describe('writing', () => {
  leavesNothingOpen();

  it('takes strings as UTF-8, and every kind of bytes as they are', async () => {
    const memory = new ArrayBuffer(16);
    for (let index = 0; index < 16; index++) new Uint8Array(memory)[index] = index;
    const bytes = (...values: number[]) => Buffer.from(values);
    const cases: [WriteData, Buffer][] = [
      ['grüße €', Buffer.from('grüße €')],
      ['', Buffer.alloc(0)],
      [Buffer.from('buffer'), Buffer.from('buffer')],
      [new Uint8Array(memory, 3, 2), bytes(3, 4)],
      [new DataView(memory, 5, 3), bytes(5, 6, 7)],
      [new Uint16Array(memory, 4, 2), bytes(4, 5, 6, 7)],
      [new Float64Array(memory, 8, 1), bytes(8, 9, 10, 11, 12, 13, 14, 15)],
      [memory, Buffer.from(memory)],
      [new Uint8Array(0), Buffer.alloc(0)],
      [new ArrayBuffer(0), Buffer.alloc(0)],
    ];
    const result = await received((transport) => {
      for (const [data] of cases) transport.write(data);
    });
    deepEqual(result, Buffer.concat(cases.map(([, expected]) => expected)));
  });

  it('takes each of them alone too', async () => {
    const memory = Uint8Array.of(1, 2, 3, 4, 5, 6);
    deepEqual(await received((t) => t.write('ä')), Buffer.from('ä'));
    deepEqual(await received((t) => t.write(memory.buffer)), Buffer.from(memory));
    const two = new Uint16Array(memory.buffer, 2, 1);
    deepEqual(await received((t) => t.write(two)), Buffer.of(3, 4));
    deepEqual(await received((t) => t.write(new DataView(memory.buffer, 1, 2))), Buffer.of(2, 3));
  });

  it('refuses anything else with a TypeError that names the argument', async () => {
    await received((transport) => {
      const wrong = [undefined, null, 1, 1n, true, {}, [1], Symbol('s'), () => {}];
      for (const data of wrong) {
        throws(() => transport.write(data as never), {
          name: 'TypeError',
          message: /^data must be/,
        });
        throws(() => transport.writelines([data as never]), {
          code: 'ERR_INVALID_ARG_TYPE',
          message: /^data must be/,
        });
      }
      throws(() => transport.write(new SharedArrayBuffer(4) as never), TypeError);
      throws(() => transport.writelines(7 as never), TypeError);
      throws(() => transport.writelines(null as never), TypeError);
      equal(transport.isClosing(), false);
    });
  });

  it('refuses wrong types after close() as well', async () => {
    await received((transport) => {
      transport.close();
      throws(() => transport.write(5 as never), TypeError);
    });
  });

  it('writes nothing for an empty write', async () => {
    const result = await received((transport) => {
      transport.write('');
      equal(transport.getWriteBufferSize(), 0);
      transport.write('x');
      transport.write(new Uint8Array());
      transport.write('y');
    });
    equal(result.toString(), 'xy');
  });

  it('writelines() sends the members of any iterable in order', async () => {
    function* lines() {
      yield 'one ';
      yield Buffer.from('two ');
      yield Uint8Array.of(0x33);
    }
    equal((await received((t) => t.writelines(lines()))).toString(), 'one two 3');
    equal((await received((t) => t.writelines(['a', 'b', '', 'c']))).toString(), 'abc');
    equal((await received((t) => t.writelines([]))).toString(), '');
  });

  it('keeps the order of small, large and very many writes', async () => {
    const sizes = [
      ...[1, 16_383, 16_384, 1, 16_385, 3, 3, 70_000, 5, 65_536, 2, 200_000, 1, 1],
      ...Array.from({ length: 3000 }, (_, index) => (index * 37) % 100),
      ...[65_535, 1, 65_536, 1, 65_537, 1],
      ...Array.from({ length: 50 }, (_, index) => (index * 7919) % 40_000),
    ];
    const parts = numbered(sizes);
    const result = await received((transport) => {
      for (const part of parts) transport.write(part);
    });
    equal(sha256(result), sha256(parts));
  });

  it('keeps the order while the peer does not read and everything queues', async () => {
    const parts = numbered(
      Array.from(
        { length: 3000 },
        (_, index) => [10, 3000, 17_000, 1, 60_000][index % 5] as number,
      ),
    );
    const server = new Recorder();
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.pause();
        const transport = await server.made;
        for (const [index, part] of parts.entries()) {
          if (index % 3 === 0) transport.writelines([part]);
          else transport.write(part);
          if (index % 100 === 0) await new Promise(setImmediate);
        }
        ok(transport.getWriteBufferSize() > 0);
        transport.close();
        peer.socket.resume();
        await peer.ended;
        equal(sha256(peer.inbox.bytes()), sha256(parts));
        await peer.close();
      },
    );
  });

  it('keeps the order of writes from several callbacks of a turn', async () => {
    const expected: string[] = [];
    const server = new Recorder();
    await withServer(
      () => server,
      async ({ loop, port }) => {
        const peer = await Peer.connect(port);
        const transport = await server.made;
        const write = (name: string, size: number) => {
          const text = name.repeat(size);
          expected.push(text);
          transport.write(text);
        };
        for (const [index, name] of [...'abcdef'].entries()) {
          loop.callSoon(() => {
            write(name, 10);
            queueMicrotask(() => write(name.toUpperCase(), index === 3 ? 20_000 : 10));
          });
        }
        await new Promise<void>((resolve) => loop.callLater(1, resolve));
        transport.close();
        await peer.ended;
        equal(peer.inbox.text(), expected.join(''));
        await peer.close();
      },
    );
  });

  it('64 MiB written in one call arrive intact', async () => {
    const data = randomData(64 * 1024 * 1024);
    const result = await received((transport) => transport.write(data));
    equal(sha256(result), sha256(data));
  });

  it('more than 2 GiB written in one call arrive', async function () {
    this.timeout(120_000);
    const size = 2 ** 31 + 12_345;
    const data = Buffer.alloc(size);
    data.write('the end', size - 7);
    const server = new Recorder();
    await withServer(
      () => server,
      async ({ port }) => {
        const peer = await Peer.connect(port);
        peer.socket.removeAllListeners('data');
        let count = 0;
        let tail = '';
        peer.socket.on('data', (chunk: Buffer) => {
          count += chunk.length;
          tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - 7))).slice(-7);
        });
        const transport = await server.made;
        transport.write(data);
        transport.close();
        await peer.ended;
        equal(await server.lost, null);
        equal(count, size);
        equal(tail, 'the end');
        await peer.close();
      },
    );
  });

  it('a thousand small writes of one callback leave in few system calls', async function () {
    const folder = mkdtempSync(join(tmpdir(), 'uvio-'));
    const file = join(folder, 'calls');
    const trace = { file, calls: 'write,writev,sendto,sendmsg' };
    try {
      if (spawnSync('strace', ['-o', file, 'true']).status !== 0) this.skip();
      const outcome = await runProcess(
        async ({ newEventLoop }, { Peer: Client, Recorder: Served, portOf }) => {
          const loop = newEventLoop();
          const served = new Served();
          const server = await loop.createServer(() => served, '127.0.0.1', 0);
          const peer = await Client.connect(portOf(server));
          const transport = await served.made;
          loop.callSoon(() => {
            for (let index = 0; index < 1000; index++) transport.write('0123456789');
          });
          await peer.inbox.has(10_000);
          server.close();
          await peer.close();
          console.log('received');
        },
        { trace, timeout: 25_000 },
      );
      assertPrinted(outcome, 'received');
      const calls = readFileSync(file, 'latin1').split('\n');
      const sent = calls.filter((line) => line.includes('0123456789')).length;
      ok(sent >= 1 && sent < 10, `${sent} system calls`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('what is written outside of any callback leaves without another event', async () => {
    const result = await received(async (transport) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      transport.write('from outside');
      equal(transport.getWriteBufferSize(), 12);
    });
    equal(result.toString(), 'from outside');
  });
});
