/**
 * Flow control of streams: drain(), the reader's limit, and what both bound.
 *
 * Guards: whoever drains goes on once the peer has read enough, in whatever number, and one who gives up does not
 * disturb the others; a thousand connections are served. What slow readers cost: slow_readers.test.ts.
 */

import { equal, ok, rejects } from 'node:assert/strict';
import {
  createTask,
  type Future,
  isFuture,
  logger,
  openConnection,
  type StreamReader,
  type StreamWriter,
  setLogger,
  sleep,
} from 'uvio';
import { Deferred, Peer } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { withStreamServer } from './stream_support.js';

const MEBIBYTE = 1024 * 1024;
/** What a transport reads at once at most. */
const LARGEST_READ = 128 * 1024;

/** A server's writer whose peer does not read, with more written than goes into the kernel's buffers. */
function whileStuck(
  body: (writer: StreamWriter, peer: Peer, size: number) => Promise<void>,
): Promise<void> {
  const connected = new Deferred<StreamWriter>();
  return withStreamServer(
    (_reader, writer) => connected.resolve(writer),
    async ({ port }) => {
      const peer = await Peer.connect(port);
      peer.socket.pause();
      const writer = await connected.promise;
      let size = 0;
      while (writer.transport.getWriteBufferSize() < MEBIBYTE) {
        writer.write(Buffer.alloc(MEBIBYTE));
        size += MEBIBYTE;
      }
      await body(writer, peer, size);
      await peer.close();
    },
  );
}

/** The bytes that its repr tells of. */
function bufferedBytes(reader: StreamReader): number {
  return Number(/(\d+) bytes/.exec(String(reader))?.[1] ?? 0);
}

describe('the flow of streams', () => {
  leavesNothingOpen();

  it('drain() with nothing to wait for does not give way to the loop', () => {
    const order: string[] = [];
    return withStreamServer(
      () => {},
      async ({ port, loop }) => {
        const [, writer] = await openConnection('127.0.0.1', port);
        loop.callSoon(() => order.push('callback'));
        writer.write('little');
        await writer.drain();
        await writer.drain({ signal: new AbortController().signal });
        order.push('drained');
        await sleep(0);
        equal(order.join(), 'drained,callback');
        writer.close();
        await writer.waitClosed();
      },
    );
  });

  it('drain() waits until the peer has read', () =>
    whileStuck(async (writer, peer, size) => {
      const drained = writer.drain() as Future<void>;
      equal(isFuture(drained), true);
      await sleep(0);
      equal(drained.done(), false);
      peer.socket.resume();
      await drained;
      const [low] = writer.transport.getWriteBufferLimits();
      ok(writer.transport.getWriteBufferSize() <= low);
      await peer.inbox.has(size);
    }));

  // CPython 3.14, test_multiple_drain
  it('any number may drain at once', () =>
    whileStuck(async (writer, peer) => {
      let drained = 0;
      const drains = Array.from({ length: 10 }, async () => {
        await writer.drain();
        drained++;
      });
      await sleep(0);
      equal(drained, 0);
      peer.socket.resume();
      await Promise.all(drains);
      equal(drained, 10);
    }));

  it('a drain() that is cancelled or aborted leaves the others waiting', () =>
    whileStuck(async (writer, peer) => {
      const controller = new AbortController();
      const cancelled = writer.drain() as Future<void>;
      const aborted = writer.drain({ signal: controller.signal }) as Future<void>;
      const waits = writer.drain() as Future<void>;
      cancelled.cancel();
      controller.abort();
      await rejects(Promise.resolve(cancelled), { name: 'CancelledError' });
      await rejects(Promise.resolve(aborted), { name: 'CancelledError' });
      equal(waits.done(), false);
      peer.socket.resume();
      await waits;
      await writer.drain();
    }));

  it('a generator drains as well', () =>
    whileStuck(async (writer, peer) => {
      await createTask(function* () {
        peer.socket.resume();
        yield* writer.drain();
        yield* writer.drain();
        const [low] = writer.transport.getWriteBufferLimits();
        ok(writer.transport.getWriteBufferSize() <= low);
      });
    }));

  it('debug mode logs pauses', async () => {
    const lines: string[] = [];
    const add = (line: string) => void lines.push(line);
    setLogger({ debug: add, info: add, warn: add, error: add });
    try {
      await withStreamServer(
        async (_reader, writer) => {
          writer.write(Buffer.alloc(16 * MEBIBYTE));
          await writer.drain();
          writer.close();
        },
        async ({ loop, port }) => {
          loop.setDebug(true);
          const [reader, writer] = await openConnection('127.0.0.1', port);
          equal((await reader.read()).length, 16 * MEBIBYTE);
          writer.close();
          await writer.waitClosed();
        },
      );
    } finally {
      setLogger(logger);
    }
    equal(lines.filter((line) => /<StreamReaderProtocol> pauses writing$/.test(line)).length, 1);
    equal(lines.filter((line) => /<StreamReaderProtocol> resumes writing$/.test(line)).length, 1);
  });

  it('a reader that nobody reads stops its transport', () => {
    const connected = new Deferred<StreamReader>();
    return withStreamServer(
      (reader) => connected.resolve(reader),
      async ({ port }) => {
        const peer = await Peer.connect(port);
        const reader = await connected.promise;
        const sending = Buffer.alloc(32 * MEBIBYTE);
        peer.socket.write(sending);
        while (!String(reader).includes('paused')) await new Promise(setImmediate);
        const before = bufferedBytes(reader);
        ok(before > 128 * 1024 && before <= 128 * 1024 + LARGEST_READ, `${before} bytes`);
        equal((await reader.readexactly(sending.length)).length, sending.length);
        equal(String(reader).includes('paused'), false);
        await peer.close();
        equal(String(await reader.read()), '');
      },
    );
  });

  it('a thousand connections are served at once', () =>
    withStreamServer(
      async (reader, writer) => {
        for await (const line of reader) writer.write(line);
        writer.close();
      },
      async ({ port }) => {
        const talk = async (name: number) => {
          const [reader, writer] = await openConnection('127.0.0.1', port);
          writer.write(`hello ${name}\n`);
          equal(String(await reader.readline()), `hello ${name}\n`);
          return [reader, writer] as const;
        };
        const talks = await Promise.all(Array.from({ length: 1000 }, (_, name) => talk(name)));
        const leave = async ([reader, writer]: (typeof talks)[number]) => {
          writer.writeEof();
          equal(String(await reader.read()), '');
          writer.close();
          await writer.waitClosed();
        };
        await Promise.all(talks.map(leave));
      },
      { backlog: 1024 },
    ));
});
