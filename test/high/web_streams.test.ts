/**
 * reader.toWeb(): a web stream of the bytes of a StreamReader.
 *
 * Guards: nothing is read ahead, nothing is lost when it is cancelled, and memory that the web stream takes away is
 * its own.
 */

import { deepEqual, equal, rejects } from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { arrayBuffer, text } from 'node:stream/consumers';
import { createTask, openConnection, StreamReader, sleep } from 'uvio';
import { randomData, sha256 } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask, withStreamServer } from './stream_support.js';

function fed(...chunks: string[]): StreamReader {
  const reader = new StreamReader();
  for (const chunk of chunks) reader.feedData(chunk);
  return reader;
}

describe('StreamReader.toWeb()', () => {
  leavesNothingOpen();

  it('gives the bytes to the end', () =>
    inTask(async (loop) => {
      const reader = fed('one ', 'two ');
      loop.callSoon(() => {
        reader.feedData('three');
        loop.callSoon(() => reader.feedEof());
      });
      equal(await text(reader.toWeb()), 'one two three');
      equal(await text(fedToTheEnd().toWeb()), '');
    }));

  function fedToTheEnd(): StreamReader {
    const reader = new StreamReader();
    reader.feedEof();
    return reader;
  }

  it('fills the memory that it is given', () =>
    inTask(async () => {
      const reader = fed('0123456789');
      reader.feedEof();
      const bytes = reader.toWeb().getReader({ mode: 'byob' });
      const first = await bytes.read(new Uint8Array(4));
      deepEqual([first.done, Buffer.from(first.value as Uint8Array).toString()], [false, '0123']);
      const second = await bytes.read(new Uint8Array(100));
      equal(Buffer.from(second.value as Uint8Array).toString(), '456789');
      equal((await bytes.read(new Uint8Array(1))).done, true);
    }));

  it('reads nothing ahead', () =>
    inTask(async () => {
      const reader = fed('one\ntwo\n');
      reader.toWeb();
      await sleep(1);
      equal(String(await reader.readline()), 'one\n');
    }));

  it('leaves the memory of what was fed to its owner', () =>
    inTask(async () => {
      const reader = new StreamReader();
      const chunk = Buffer.from('chunk');
      reader.feedData(chunk);
      await reader.toWeb().getReader().read();
      equal(String(chunk), 'chunk');
    }));

  it('cancelled while it waits, it leaves what comes to the reader', () =>
    inTask(async () => {
      const reader = fed();
      const web = reader.toWeb().getReader();
      const reads = web.read();
      await sleep(0);
      await web.cancel();
      equal((await reads).done, true);
      reader.feedData('later');
      equal(String(await reader.read(9)), 'later');
    }));

  it('is what Response and Readable.fromWeb() take', () =>
    inTask(async () => {
      const reader = fed('{"one": ', '1}');
      reader.feedEof();
      deepEqual(await new Response(reader.toWeb()).json(), { one: 1 });
      const lines = fed('one\ntwo\n');
      lines.feedEof();
      const readable = Readable.fromWeb(lines.toWeb());
      deepEqual(await createInterface({ input: readable })[Symbol.asyncIterator]().next(), {
        value: 'one',
        done: false,
      });
      readable.destroy();
    }));

  it('fails as its reader does', () =>
    inTask(async () => {
      const reader = fed();
      reader.setException(new Error('broken'));
      await rejects(text(reader.toWeb()), /broken/);
    }));

  it('a task that waits for it can be cancelled', () =>
    inTask(async () => {
      const reader = fed();
      const task = createTask(async () => {
        await reader.toWeb().getReader().read();
      });
      await sleep(1);
      task.cancel();
      await rejects(task, { name: 'CancelledError' });
    }));

  it('carries megabytes over a socket', () => {
    const data = randomData(3 * 1024 * 1024);
    return withStreamServer(
      (_reader, writer) => {
        writer.write(data);
        writer.close();
      },
      async ({ port }) => {
        const [reader, writer] = await openConnection('127.0.0.1', port);
        const received = Buffer.from(await arrayBuffer(reader.toWeb()));
        equal(sha256(received), sha256(data));
        writer.close();
        await writer.waitClosed();
      },
    );
  });
});
