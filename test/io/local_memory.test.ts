/**
 * What unix sockets and pipes keep and let go of: objects, descriptors, memory.
 *
 * Guards: a closed transport is collected with its protocol; hundreds of pipes leave no descriptors;
 * running out of them half-way through a call leaves the caller's alone and loses none; a worker that is
 * terminated takes its pipes with it; a flood into a paused reader stays in the kernel.
 */

import { equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { leavesNothingOpen } from '../support.js';
import { isOpen, makePipe, withFolder, withUnixServer } from './local_peers.js';
import { Recorder, withLoop } from './peers.js';
import { assertPrinted, runProcess, startWorker } from './programs.js';

const gc = globalThis.gc as () => void;

async function survivors(references: WeakRef<object>[]): Promise<number> {
  const alive = () => references.filter((reference) => reference.deref() !== undefined).length;
  for (let round = 0; round < 30 && alive() > 0; round++) {
    await new Promise(setImmediate);
    gc();
  }
  return alive();
}

describe('the memory of unix sockets and pipes', () => {
  leavesNothingOpen();

  it('closed transports and their protocols are collected', async () => {
    const references: WeakRef<object>[] = [];
    const keep = (...objects: object[]) => {
      for (const object of objects) references.push(new WeakRef(object));
    };
    const make = () => {
      const protocol = new Recorder({ connectionMade: (transport) => keep(transport) });
      keep(protocol);
      return protocol;
    };
    await withUnixServer(make, async ({ loop, path, folder }) => {
      const round = async () => {
        const client = make();
        const [transport] = await loop.createUnixConnection(() => client, path);
        transport.write('hello');
        transport.close();
        await client.lost;
        const { reading, writing } = makePipe(folder);
        const ends = [make(), make()] as const;
        await loop.connectReadPipe(() => ends[0], reading);
        const [output] = await loop.connectWritePipe(() => ends[1], writing);
        output.close();
        await Promise.all(ends.map((end) => end.lost));
      };
      for (let index = 0; index < 5; index++) await round();
      // One more, since the last event may be referred to from the stack.
      const before = [...references];
      await round();
      equal(await survivors(before), 0);
    });
  });

  it('pipes leave no descriptors, however they end', async () => {
    await withFolder((folder) =>
      withLoop(async (loop) => {
        const count = () => readdirSync('/proc/self/fd').length;
        // libuv opens one with the first stream of a loop, for the loop's life.
        let before = 0;
        for (let index = 0; index < 50; index++) {
          if (index === 1) before = count();
          const { reading, writing } = makePipe(folder);
          const ends = [new Recorder(), new Recorder()] as const;
          const [input] = await loop.connectReadPipe(() => ends[0], reading);
          const [output] = await loop.connectWritePipe(() => ends[1], writing);
          output.write(Buffer.alloc(index * 4096));
          if (index % 3 === 0) output.abort();
          else if (index % 3 === 1) output.close();
          else input.close();
          await Promise.all(ends.map((end) => end.lost));
          for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
        }
        for (let turn = 0; turn < 20 && count() > before; turn++) await new Promise(setImmediate);
        equal(count(), before);
      }),
    );
  });

  it('a flood into a paused reader stays in the kernel', async () => {
    const server = new Recorder({ connectionMade: (transport) => transport.pauseReading() });
    await withUnixServer(
      () => server,
      async ({ loop, path }) => {
        let left = 64 * 1024 * 1024;
        const chunk = Buffer.alloc(64 * 1024);
        const client = new Recorder({ resumeWriting: () => pump() });
        const [transport] = await loop.createUnixConnection(() => client, path);
        const pump = () => {
          while (left > 0 && transport.getWriteBufferSize() === 0) {
            transport.write(chunk);
            left -= chunk.length;
          }
        };
        pump();
        await server.made;
        for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
        equal(server.inbox.size, 0);
        ok(left > 60 * 1024 * 1024, `${left} left`);
        ok(transport.getWriteBufferSize() <= chunk.length);
      },
    );
  });

  it('out of descriptors a pipe says EMFILE, and stays with the caller', async () => {
    await withFolder(async (folder) => {
      const outcome = await runProcess(
        async ({ newEventLoop }, { fs, childProcess, Recorder: Made }, path) => {
          childProcess.execFileSync('mkfifo', [path]);
          const fifo = fs.openSync(path, 'r+');
          const loop = newEventLoop();
          const attempt = async (what: 'connectReadPipe' | 'connectWritePipe') => {
            try {
              const [transport] = await loop[what as 'connectReadPipe'](() => new Made(), fifo);
              transport.close();
              return 'connected';
            } catch (error) {
              return (error as { code: string }).code;
            }
          };
          // libuv opens one with the first stream of a loop, for the loop's life.
          await loop.createUnixServer(() => new Made(), `\0uvio-${process.pid}`);
          const fillers: number[] = [];
          try {
            for (;;) fillers.push(fs.openSync('/dev/null', 'r'));
          } catch {}
          console.log(await attempt('connectReadPipe'), await attempt('connectWritePipe'));
          // A writing end needs two.
          fs.closeSync(fillers.pop() as number);
          console.log(await attempt('connectWritePipe'), fs.fstatSync(fifo).isFIFO());
          for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
          fs.closeSync(fillers.pop() as number);
          console.log(await attempt('connectWritePipe'));
          loop.close();
        },
        { descriptors: 128 },
        `${folder}/fifo`,
      );
      assertPrinted(outcome, 'EMFILE EMFILE', 'EMFILE true', 'connected');
    });
  });

  it('a terminated worker takes its pipes and unix sockets with it', async () => {
    await withFolder(async (folder) => {
      const ends = makePipe(folder);
      const worker = startWorker(
        async ({ newEventLoop }, { Recorder: Made, threads }, data) => {
          const loop = newEventLoop();
          await loop.connectReadPipe(() => new Made(), data.reading);
          await loop.connectWritePipe(() => new Made(), data.writing);
          await loop.createUnixServer(() => new Made(), data.path);
          threads.parentPort?.postMessage('ready');
        },
        { ...ends, path: `${folder}/socket` },
      );
      await once(worker, 'message');
      await worker.terminate();
      equal(isOpen(ends.reading), false);
      equal(isOpen(ends.writing), false);
    });
  });
});
