/**
 * sendfile and sockSendfile against CPython: how much is sent, between what, and what else goes on.
 *
 * Each test is the twin of the function of that name in scenarios/files.py.
 */

import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeError, SOCK_DGRAM, Socket, sleep } from '../../src/index.js';
import { withFolder } from '../io/local_peers.js';
import { leavesNothingOpen } from '../support.js';
import { end, failure, pair, transports } from './socket_ends.js';
import { kind, theme } from './stage.js';

/** Runs `body` with an open file, and what tells its position. */
function withFileOf(
  data: string,
  body: (file: number, tell: () => number) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, data);
    await withFileAt(path, body, data.length);
  });
}

async function withFileAt(
  path: string,
  body: (file: number, tell: () => number) => Promise<void>,
  size: number,
): Promise<void> {
  const file = openSync(path, 'r');
  const tell = () => size - readSync(file, Buffer.alloc(10_000));
  try {
    await body(file, tell);
  } finally {
    closeSync(file);
  }
}

describe('files, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('files');

  sameTask('a file goes between writes', 'sendfile_between_writes', async (stage) => {
    const { loop, log } = stage;
    const { client, server } = await transports(stage);
    await withFileOf('x'.repeat(1000), async (file, tell) => {
      const { transport } = client;
      const received = server.has(1010);
      transport.write('12345');
      const task = loop.createTask(async () => loop.sendfile(transport, file));
      await sleep(0);
      log('reading', transport.isReading());
      try {
        transport.write('refused');
      } catch (error) {
        log(error);
      }
      log('sent', await task, tell());
      log('reading', transport.isReading());
      transport.write('67890');
      await received;
      log('part', await loop.sendfile(transport, file, 990, 100), tell());
      log('part', await loop.sendfile(transport, file, 10, 20), tell());
      log('none', await loop.sendfile(transport, file, 2000));
      transport.pauseReading();
      await loop.sendfile(transport, file);
      log('reading', transport.isReading());
    });
    await end({ client, server });
  });

  sameTask(
    'a file that cannot be sent is read',
    'sendfile_of_what_cannot_be_sent',
    async (stage) => {
      const { loop, log } = stage;
      const { client, server } = await transports(stage);
      const file = openSync('/proc/self/status', 'r');
      // Such a file does not know its size: what is left of the first line tells the position.
      const tell = () => {
        const line = Buffer.alloc(10);
        readSync(file, line);
        return 'Name:\t'.indexOf(line.toString('latin1', 0, 1), 4);
      };
      const { transport } = client;
      try {
        await loop.sendfile(transport, file, 0, 5, { fallback: false });
      } catch (error) {
        if (error instanceof RuntimeError) log('native', kind(error));
      }
      const received = server.has(8);
      log('sent', await loop.sendfile(transport, file, 0, 5), tell());
      log('sent', await loop.sendfile(transport, file, 1, 3), tell());
      await received;
      log('reading', transport.isReading());
      closeSync(file);
      await end({ client, server });
    },
  );

  sameTask('a transport that is closing takes no file', 'sendfile_when_closing', async (stage) => {
    const { client, server } = await transports(stage);
    await withFileOf('x', async (file) => {
      client.transport.close();
      await failure(stage, 'closing', async () => stage.loop.sendfile(client.transport, file));
    });
    await client.lost;
    await server.lost;
  });

  sameTask('a file goes to a socket', 'sock_sendfile', async (stage) => {
    const { loop, log } = stage;
    const [near, far] = await pair(loop);
    await withFileOf('0123456789', async (file, tell) => {
      log('all', await loop.sockSendfile(near, file), tell());
      log('part', await loop.sockSendfile(near, file, 2, 3), tell());
      log('rest', await loop.sockSendfile(near, file, 8, 5), tell());
      log(String(await loop.sockRecv(far, 100)));
      using wrong = new Socket(4, SOCK_DGRAM);
      await failure(stage, 'datagrams', async () => loop.sockSendfile(wrong, file));
    });
    near.close();
    far.close();
  });
});
