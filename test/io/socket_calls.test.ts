/**
 * The loop's sock… methods: receiving, sending, connecting and accepting with sockets of the program's own.
 *
 * After CPython's test_sock_lowlevel. Guards: a call asks at once and waits only when it must, one that was cancelled has
 * taken nothing and left nothing, two that wait the same way are refused, a closed socket ends what waits for it.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { CancelledError, RuntimeError, SHUT_WR, Socket } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Echo, Peer, randomData, sha256, withLoop, withServer } from './peers.js';
import { fill, withPair } from './socket_pairs.js';

const addressOf = (port: number) => ['127.0.0.1', port] as const;

describe('sockets of a program', () => {
  leavesNothingOpen();

  it('talk to a server', () =>
    withServer(
      () => new Echo(),
      async ({ loop, port }) => {
        using socket = new Socket();
        equal(await loop.sockConnect(socket, addressOf(port)), undefined);
        equal(await loop.sockSendall(socket, 'hello'), undefined);
        equal(String(await loop.sockRecv(socket, 1024)), 'hello');
        await loop.sockSendall(socket, new DataView(Buffer.from('view').buffer, 0, 0));
        await loop.sockSendall(socket, Buffer.from('into memory'));
        const memory = Buffer.alloc(4);
        equal(await loop.sockRecvInto(socket, memory), 4);
        equal(String(memory), 'into');
        equal(String(await loop.sockRecv(socket, 1_000_000)), ' memory');
        socket.shutdown(SHUT_WR);
        deepEqual(await loop.sockRecv(socket, 1024), Buffer.alloc(0));
        equal(await loop.sockRecvInto(socket, memory), 0);
      },
    ));

  it('are a server', () =>
    withLoop(async (loop) => {
      using listener = new Socket();
      listener.bind(['127.0.0.1', 0]);
      listener.listen();
      const accepting = loop.sockAccept(listener);
      const peer = await Peer.connect(listener.getsockname().port);
      const [socket, address] = await accepting;
      deepEqual(address, socket.getpeername());
      equal(address.port, peer.socket.localPort);
      const receiving = loop.sockRecv(socket, 1024);
      peer.socket.write('ping');
      equal(String(await receiving), 'ping');
      await loop.sockSendall(socket, 'pong');
      await peer.inbox.has(4);
      socket.close();
      await peer.ended;
      await peer.close();
    }));

  it('connect to a name', () =>
    withServer(
      () => new Echo(),
      async ({ loop, port }) => {
        using socket = new Socket(4);
        await loop.sockConnect(socket, ['localhost', port]);
        equal(socket.getpeername().address, '127.0.0.1');
        using other = new Socket(4);
        const expected = { code: 'ENOTFOUND', hostname: 'no..such.host' };
        await rejects(loop.sockConnect(other, ['no..such.host', 1]), expected);
      },
    ));

  it('move what is much larger than any buffer', () =>
    withLoop((loop) =>
      withPair(loop, async (near, far) => {
        const data = randomData(8 * 1024 * 1024);
        const sending = loop.sockSendall(near, data).then(() => near.shutdown(SHUT_WR));
        const parts: Buffer[] = [];
        for (let size = 1; ; size = (size * 7) % 300_007) {
          const part = await loop.sockRecv(far, size);
          if (part.length === 0) break;
          ok(part.length <= size);
          parts.push(part);
        }
        await sending;
        equal(sha256(parts), sha256(data));
      }),
    ));

  it('give the way free when a call that waits is cancelled', () =>
    withLoop((loop) =>
      withPair(loop, async (near, far) => {
        for (const give of ['cancel', 'signal'] as const) {
          const controller = new AbortController();
          const waiting = loop.sockRecv(near, 1024, { signal: controller.signal });
          if (give === 'cancel') waiting.cancel();
          else controller.abort();
          const next = loop.sockRecv(near, 1024);
          await rejects(waiting, CancelledError);
          await loop.sockSendall(far, 'for the next');
          equal(String(await next), 'for the next');
        }
        const aborted = { signal: AbortSignal.abort() };
        await loop.sockSendall(far, 'kept');
        await rejects(loop.sockRecv(near, 1024, aborted), CancelledError);
        equal(String(await loop.sockRecv(near, 1024)), 'kept');
      }),
    ));

  it('send nothing more of what was cancelled, and then what comes next', () =>
    withLoop((loop) =>
      withPair(loop, async (near, far) => {
        fill(near);
        const cancelled = loop.sockSendall(near, 'hello');
        await new Promise(setImmediate);
        cancelled.cancel();
        const receive = async () => {
          let text = '';
          for (;;) {
            const part = await loop.sockRecv(far, 8192);
            if (part.length === 0) return text;
            text += String(part).trim();
          }
        };
        const received = receive();
        await loop.sockSendall(near, 'world');
        near.shutdown(SHUT_WR);
        equal(await received, 'world');
        await rejects(cancelled, CancelledError);
      }),
    ));

  it('refuse a second call that would wait the same way, and take one the other way', () =>
    withLoop((loop) =>
      withPair(loop, async (near, far) => {
        const first = loop.sockRecv(near, 1024);
        await rejects(loop.sockRecv(near, 1024), RuntimeError);
        await rejects(
          loop.sockRecvInto(near, Buffer.alloc(1)),
          /already waiting for incoming data/,
        );
        fill(near);
        const sending = loop.sockSendall(near, 'x');
        await rejects(loop.sockSendall(near, 'y'), /already waiting to send/);
        sending.cancel();
        await loop.sockSendall(far, 'first');
        equal(String(await first), 'first');
      }),
    ));

  it('that are closed are EBADF, for a call that waits too', () =>
    withLoop((loop) =>
      withPair(loop, async (near) => {
        const waiting = loop.sockRecv(near, 1);
        fill(near);
        const sending = loop.sockSendall(near, 'x');
        near.close();
        await rejects(waiting, { code: 'EBADF', syscall: 'recv' });
        await rejects(sending, { code: 'EBADF', syscall: 'send' });
        for (const call of [
          loop.sockRecv(near, 1),
          loop.sockRecvInto(near, Buffer.alloc(1)),
          loop.sockSendall(near, 'x'),
          loop.sockConnect(near, ['127.0.0.1', 1]),
          loop.sockAccept(near),
        ]) {
          await rejects(call, { code: 'EBADF' });
        }
        using listener = new Socket();
        listener.bind(['127.0.0.1', 0]);
        listener.listen();
        const accepting = loop.sockAccept(listener);
        closeSync(listener.detach());
        await rejects(accepting, { code: 'EBADF', syscall: 'accept' });
      }),
    ));

  it('whose peer has gone say so', () =>
    withLoop((loop) =>
      withPair(loop, async (near, far) => {
        far.close();
        equal((await loop.sockRecv(near, 1)).length, 0);
        const failing = async () => {
          for (;;) await loop.sockSendall(near, 'x');
        };
        await rejects(failing(), { code: /^(EPIPE|ECONNRESET)$/, syscall: 'send' });
      }),
    ));

  it('end with the loop: nothing that waits keeps it', () =>
    withLoop((loop) =>
      withPair(loop, async (near) => {
        void loop.sockRecv(near, 1);
        throws(() => loop.sockRecv(null as never, 1), /sock must be a Socket/);
      }),
    ));

  it('are checked by name', () =>
    withLoop(async (loop) => {
      using socket = new Socket();
      for (const sock of [null, 5, {}, { fd: 1 }] as never[]) {
        throws(() => loop.sockRecv(sock, 1), /^TypeError: sock must be a Socket/);
        throws(() => loop.sockConnect(sock, ['127.0.0.1', 1]), /^TypeError: sock must be/);
      }
      throws(() => loop.sockRecv(socket, -1), /^RangeError: n must be/);
      throws(() => loop.sockRecvInto(socket, 'x' as never), /^TypeError: buf must be/);
      throws(() => loop.sockSendall(socket, 5 as never), /^TypeError: data must be/);
      throws(() => loop.sockSendto(socket, 'x', ['localhost', 1]), /^RangeError: address must be/);
      throws(() => loop.sockConnect(socket, 5 as never), /^TypeError: address must be/);
      throws(() => loop.sockRecvfrom(socket, 1.5), /^RangeError: bufsize must be/);
      throws(() => loop.sockRecvfromInto(socket, Buffer.alloc(2), 3), /^RangeError: nbytes must/);
      throws(() => loop.sockAccept(socket, { signal: 1 as never }), /^TypeError: signal must be/);
      await rejects(loop.sockAccept(socket), { code: 'EINVAL', syscall: 'accept' });
      await rejects(loop.sockRecv(socket, 1), { code: 'ENOTCONN', syscall: 'recv' });
    }));
});
