/**
 * sockSendfile: a file to a socket of the program's own.
 *
 * After CPython's test_sendfile. Guards: the bytes are those asked for, the count and the file's position are true however
 * the sending ends, and what cannot be sent is read instead, unless that is not wanted.
 */

import { equal, ok, rejects, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import {
  CancelledError,
  type EventLoop,
  SendfileNotAvailableError,
  SHUT_WR,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
  Socket,
} from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFifo } from './fifo.js';
import { type TestFile, withFile } from './files.js';
import { sha256, withLoop } from './peers.js';
import { withPair } from './socket_pairs.js';

const MEGABYTE = 1024 * 1024;

function sending(
  size: number,
  body: (loop: EventLoop, file: TestFile, near: Socket, far: Socket) => Promise<void>,
): Promise<void> {
  return withFile(size, (file) =>
    withLoop((loop) => withPair(loop, (near, far) => body(loop, file, near, far))),
  );
}

/** All that comes until the end. */
async function receiveAll(loop: EventLoop, socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const part = await loop.sockRecv(socket, MEGABYTE);
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
  }
}

/** Where the file is read next, also of one that does not know its size. */
function positionOf(file: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${file}`, 'latin1');
  return Number(/^pos:\s*(\d+)/m.exec(info)?.[1]);
}

describe('sendfile to a socket', () => {
  leavesNothingOpen();

  it('sends the whole file between what is sent before and after', () =>
    sending(20 * MEGABYTE, async (loop, file, near, far) => {
      const receiving = receiveAll(loop, far);
      await loop.sockSendall(near, 'before');
      equal(await loop.sockSendfile(near, file.fd), file.data.length);
      await loop.sockSendall(near, 'after');
      near.shutdown(SHUT_WR);
      const whole = Buffer.concat([Buffer.from('before'), file.data, Buffer.from('after')]);
      equal(sha256(await receiving), sha256(whole));
      equal(file.position(), file.data.length);
    }));

  it('sends a part, and stops at the end of the file', () =>
    sending(1000, async (loop, file, near, far) => {
      equal(await loop.sockSendfile(near, file.fd, 10, 100), 100);
      equal(file.position(), 110);
      equal(await loop.sockSendfile(near, file.fd, 990, 100), 10);
      equal(await loop.sockSendfile(near, file.fd, 2000), 0);
      near.shutdown(SHUT_WR);
      const expected = Buffer.concat([file.data.subarray(10, 110), file.data.subarray(990)]);
      equal(sha256(await receiveAll(loop, far)), sha256(expected));
    }));

  it('reads what the system cannot send, unless told not to', () =>
    sending(0, async (loop, _file, near, far) => {
      const file = openSync('/proc/self/status', 'r');
      const refused = loop.sockSendfile(near, file, 0, null, { fallback: false });
      await rejects(refused, SendfileNotAvailableError);
      equal(await loop.sockSendfile(near, file, 0, 5), 5);
      near.shutdown(SHUT_WR);
      equal(String(await receiveAll(loop, far)), 'Name:');
      closeSync(file);
    }));

  it('can be cancelled: what was sent is counted, and nothing more is', () =>
    sending(32 * MEGABYTE, async (loop, file, near, far) => {
      const sendingFile = loop.sockSendfile(near, file.fd);
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
      equal(sendingFile.done(), false);
      sendingFile.cancel();
      await rejects(sendingFile, CancelledError);
      near.shutdown(SHUT_WR);
      const received = await receiveAll(loop, far);
      equal(file.position(), received.length);
      equal(sha256(received), sha256(file.data.subarray(0, received.length)));
    }));

  it('counts what was sent of a block when it is cancelled amid one that was read', () =>
    sending(0, async (loop, _file, near, far) => {
      // Some megabytes, with which sendfile() does not work, through a socket that holds less than is read at a time.
      const file = openSync('/proc/kallsyms', 'r');
      near.setsockopt(SOL_SOCKET, SO_SNDBUF, 16_384);
      const sendingFile = loop.sockSendfile(near, file);
      const first = await loop.sockRecv(far, 100);
      sendingFile.cancel();
      await rejects(sendingFile, CancelledError);
      near.shutdown(SHUT_WR);
      equal(positionOf(file), first.length + (await receiveAll(loop, far)).length);
      closeSync(file);
    }));

  it('can be cancelled where it never waits for room', () =>
    sending(0, (loop, _file, near, far) =>
      withFifo(async ({ path }) => {
        const file = openSync(path, 'r+');
        const feeding = spawn('sh', ['-c', 'exec cat /dev/zero > "$0"', path]);
        const exited = once(feeding, 'close');
        const sendingFile = loop.sockSendfile(near, file);
        let received = 0;
        const receive = async (): Promise<void> => {
          const { length } = await loop.sockRecv(far, MEGABYTE);
          received += length;
          if (received > MEGABYTE) sendingFile.cancel();
          // As much as is never sent by one that hears of it.
          if (received > 64 * MEGABYTE) feeding.kill();
          if (length > 0) await receive();
        };
        const receiving = receive();
        await rejects(sendingFile, CancelledError);
        equal(feeding.killed, false);
        feeding.kill();
        await exited;
        near.shutdown(SHUT_WR);
        await receiving;
        closeSync(file);
      }),
    ));

  it('ends when the peer goes, or the socket is closed', () =>
    sending(32 * MEGABYTE, async (loop, file, near, far) => {
      const sendingFile = loop.sockSendfile(near, file.fd);
      await loop.sockRecv(far, 1000);
      far.close();
      await rejects(sendingFile, { code: /^(EPIPE|ECONNRESET)$/, syscall: 'sendfile' });
      ok(file.position() > 1000);
      await withPair(loop, async (sender) => {
        const waiting = loop.sockSendfile(sender, file.fd);
        for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
        sender.close();
        await rejects(waiting, { code: 'EBADF', syscall: 'sendfile' });
      });
    }));

  it('is for stream sockets that are the program’s own, and checks its arguments', () =>
    sending(10, async (loop, { fd }, near) => {
      using datagrams = new Socket(4, SOCK_DGRAM);
      const expected = /only SOCK_STREAM type sockets are supported/;
      throws(() => loop.sockSendfile(datagrams, fd), expected);
      throws(() => loop.sockSendfile(near, 'file' as never), /^TypeError: file must be/);
      throws(() => loop.sockSendfile(near, fd, -1), /^RangeError: offset must be/);
      throws(() => loop.sockSendfile(near, fd, 0, 0), /^RangeError: count must be/);
      throws(() => loop.sockSendfile(near, fd, 0, 1, 1 as never), /^TypeError: options must be/);
      using unconnected = new Socket();
      await rejects(loop.sockSendfile(unconnected, fd), { code: /^(EPIPE|ENOTCONN)$/ });
    }));
});
