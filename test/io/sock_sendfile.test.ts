/**
 * sockSendfile: a file to a socket of the program's own.
 *
 * After CPython's test_sendfile. Guards: the bytes are those asked for, the count and the file's position are true however
 * the sending ends, and what cannot be sent is read instead, unless that is not wanted.
 */

import { equal, ok, rejects, throws } from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import {
  CancelledError,
  type EventLoop,
  SendfileNotAvailableError,
  SHUT_WR,
  SOCK_DGRAM,
  Socket,
} from 'uvio';
import { leavesNothingOpen } from '../support.js';
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
