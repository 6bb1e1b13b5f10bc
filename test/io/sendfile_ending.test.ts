/**
 * Files and sockets on their way when a loop is closed, a thread is terminated, or descriptors run out.
 *
 * Guards: no crash, no hang, nothing left, also while one of libuv's threads is at a piece of the file; what fails for want of
 * a descriptor works again when there is one.
 */

import { equal } from 'node:assert/strict';
import { once } from 'node:events';
import { leavesNothingOpen } from '../support.js';
import { assertPrinted, type Program, runProcess, startWorker } from './programs.js';

/** Has a file on its way to three sockets, one of which takes nothing, and calls that wait. */
const busy: Program<boolean> = async (uvio, { fs, native, threads }, closes) => {
  const loop = uvio.newEventLoop();
  const listener = new uvio.Socket();
  listener.bind(['127.0.0.1', 0]);
  listener.listen();
  const fd = fs.openSync(process.execPath, 'r');
  const peers = [];
  for (let count = 0; count < 3; count++) {
    const { port } = listener.getsockname();
    const protocol = () => new uvio.Protocol();
    const [transport] = await loop.createConnection(protocol, '127.0.0.1', port);
    const [peer] = await loop.sockAccept(listener);
    peers.push(peer);
    if (count > 0) {
      const receive = async (): Promise<void> => {
        const data = await loop.sockRecv(peer, 65_536);
        if (data.length > 0) return receive();
      };
      receive().catch(() => {});
    }
    const again = (): void => {
      loop.sendfile(transport, fd).then(again, () => {});
    };
    again();
  }
  const waiting = [loop.sockAccept(listener), loop.sockRecv(peers[0] as never, 1)];
  for (let turn = 0; turn < 30; turn++) await new Promise(setImmediate);
  threads.parentPort?.postMessage('busy');
  if (!closes) return;
  loop.close();
  for (const call of waiting) call.cancel();
  for (const socket of [listener, ...peers]) socket.close();
  fs.closeSync(fd);
  for (let turn = 0; turn < 100_000 && native.openLoops() > 0; turn++) {
    await new Promise(setImmediate);
  }
  console.log(native.openLoops());
};

describe('a file on its way', () => {
  leavesNothingOpen();

  it('goes no further when its loop is closed', async () => {
    for (let round = 0; round < 3; round++) {
      assertPrinted(await runProcess(busy, {}, true), '0');
    }
  });

  it('is dropped with its thread', async function () {
    this.timeout(60_000);
    for (let round = 0; round < 8; round++) {
      const worker = startWorker(busy, false);
      await once(worker, 'message');
      for (let turn = 0; turn < round * 5; turn++) await new Promise(setImmediate);
      equal(await worker.terminate(), 1);
    }
  });

  it('and sockets say EMFILE when descriptors run out, and work again afterwards', async () => {
    const outcome = await runProcess(
      async (uvio, { fs }) => {
        const loop = uvio.newEventLoop();
        const listener = new uvio.Socket();
        listener.bind(['127.0.0.1', 0]);
        listener.listen();
        const near = new uvio.Socket();
        await loop.sockConnect(near, listener.getsockname());
        const [far] = await loop.sockAccept(listener);
        const waiting = new uvio.Socket();
        await loop.sockConnect(waiting, listener.getsockname());
        const fd = fs.openSync('/proc/self/exe', 'r');
        const held: number[] = [];
        try {
          for (;;) held.push(fs.openSync('/dev/null', 'r'));
        } catch {}
        const codes: string[] = [];
        const note = (error: { code: string }) => void codes.push(error.code);
        try {
          new uvio.Socket();
        } catch (error) {
          note(error as never);
        }
        await loop.sockAccept(listener).catch(note as never);
        await loop.sockRecv(far, 1).catch(note as never);
        await loop.sockSendfile(near, fd, 0, 10).catch(note as never);
        const factory = () => new uvio.Protocol();
        await loop.createConnection(factory, null, null, { sock: near }).catch(note as never);
        const { port } = listener.getsockname();
        await loop.createConnection(factory, '127.0.0.1', port).catch(note as never);
        for (const one of held) fs.closeSync(one);
        console.log(codes.join(' '));
        const [late] = await loop.sockAccept(listener);
        const receiving = loop.sockRecv(far, 100);
        console.log(await loop.sockSendfile(near, fd, 1, 3), String(await receiving));
        for (const socket of [late, near, far, waiting, listener]) socket.close();
        loop.close();
      },
      { descriptors: 64 },
    );
    assertPrinted(outcome, Array(6).fill('EMFILE').join(' '), '3 ELF');
  });
});
