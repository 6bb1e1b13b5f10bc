/**
 * A slow reader behind a fast writer, through streams over everything that carries bytes.
 *
 * Guards: what is held stays below the writer's high-water mark and twice the reader's limit, and one write and
 * one read above these, while nobody reads and while somebody reads slowly; not one byte is lost.
 */

import { equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import {
  createTask,
  type EventLoop,
  openConnection,
  openUnixConnection,
  StreamReader,
  StreamReaderProtocol,
  StreamWriter,
  sleep,
  startServer,
  startUnixServer,
} from 'uvio';
import { makePipe, withFolder } from '../io/local_peers.js';
import { Deferred, portOf, randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask } from './stream_support.js';

const KIBIBYTE = 1024;
const LIMIT = 16 * KIBIBYTE;
const PIECE = 256 * KIBIBYTE;
const HIGH_WATER = 64 * KIBIBYTE;
/** What a transport reads at once at most. */
const LARGEST_READ = 128 * KIBIBYTE;
const TOTAL = 24 * KIBIBYTE * KIBIBYTE;

interface Line {
  reader: StreamReader;
  writer: StreamWriter;
  close(): Promise<void>;
}

type Connect = (loop: EventLoop, folder: string) => Promise<Line>;

/** Joins what a server has accepted with the reading end of who connected. */
async function served(
  connected: Deferred<StreamWriter>,
  server: { close(): void; waitClosed(): PromiseLike<void> },
  [reader, answering]: [StreamReader, StreamWriter],
): Promise<Line> {
  const writer = await connected.promise;
  return {
    reader,
    writer,
    async close() {
      answering.close();
      await answering.waitClosed();
      server.close();
      await server.waitClosed();
    },
  };
}

const kinds: Record<string, Connect> = {
  async TCP() {
    const connected = new Deferred<StreamWriter>();
    const server = await startServer((_, writer) => connected.resolve(writer), '127.0.0.1', 0);
    const pair = await openConnection('127.0.0.1', portOf(server), { limit: LIMIT });
    return served(connected, server, pair);
  },
  async 'a unix socket'(_loop, folder) {
    const connected = new Deferred<StreamWriter>();
    const path = join(folder, 'socket');
    const server = await startUnixServer((_, writer) => connected.resolve(writer), path);
    return served(connected, server, await openUnixConnection(path, { limit: LIMIT }));
  },
  async 'a pipe'(loop, folder) {
    const ends = makePipe(folder);
    const reader = new StreamReader({ limit: LIMIT });
    await loop.connectReadPipe(() => new StreamReaderProtocol(reader), ends.reading);
    const protocol = new StreamReaderProtocol(new StreamReader());
    const [transport] = await loop.connectWritePipe(() => protocol, ends.writing);
    const writer = new StreamWriter(transport as never, protocol, null, loop);
    return { reader, writer, close: async () => {} };
  },
};

/** The bytes that its repr tells of. */
function bufferedBytes(reader: StreamReader): number {
  return Number(/(\d+) bytes/.exec(String(reader))?.[1] ?? 0);
}

describe('a slow reader behind a fast writer', () => {
  leavesNothingOpen();

  for (const [kind, connect] of Object.entries(kinds)) {
    it(`costs the memory of the limits, over ${kind}`, () =>
      withFolder((folder) =>
        inTask(async (loop) => {
          const data = randomData(TOTAL);
          const { reader, writer, close } = await connect(loop, folder);
          let written = 0;
          const most = { written: 0, read: 0 };
          const look = () => {
            most.written = Math.max(most.written, writer.transport.getWriteBufferSize());
            most.read = Math.max(most.read, bufferedBytes(reader));
          };
          const writing = createTask(async () => {
            while (written < TOTAL) {
              writer.write(data.subarray(written, written + PIECE));
              written += PIECE;
              look();
              await writer.drain();
            }
            writer.close();
            await writer.waitClosed();
          });

          // While nobody reads: the rest stays with the writer, for as many turns as could carry all of it.
          while (!String(reader).includes('paused')) await new Promise(setImmediate);
          for (let turn = 0; turn < TOTAL / PIECE; turn++) await new Promise(setImmediate);
          look();
          ok(written < TOTAL, 'everything went somewhere');
          ok(bufferedBytes(reader) > 2 * LIMIT);

          const chunks: Buffer[] = [];
          for (let chunk = await reader.read(10_000); chunk.length > 0; ) {
            chunks.push(chunk);
            look();
            // Behind everything that the writer does meanwhile.
            await sleep(0);
            chunk = await reader.read(10_000);
          }
          await writing;
          await close();
          equal(sha256(chunks), sha256(data));
          ok(most.read <= 2 * LIMIT + LARGEST_READ, `${most.read} bytes in the reader`);
          ok(most.written > HIGH_WATER, 'the writer never was fast');
          ok(most.written <= HIGH_WATER + PIECE, `${most.written} bytes in the transport`);
        }),
      ));
  }
});
