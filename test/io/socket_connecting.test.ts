/**
 * sockConnect, sockAccept and datagrams of a program's own sockets, and who may use a socket.
 *
 * After CPython's test_sock_lowlevel. Guards: a connection attempt that failed, or was cancelled, can be made again; an
 * accept that was cancelled takes no connection; a socket that a transport owns is refused.
 */

import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { join } from 'node:path';
import { CancelledError, RuntimeError, SOCK_DGRAM, Socket, type SystemError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { deadEnd, refusing } from './dead_ends.js';
import { withFolder } from './local_peers.js';
import { Echo, Recorder, withLoop, withServer } from './peers.js';

describe('connecting and accepting with sockets', () => {
  leavesNothingOpen();

  it('a refused connection is ECONNREFUSED with the address', () =>
    withLoop(async (loop) => {
      using socket = new Socket();
      const { address, port } = refusing();
      const expected = { code: 'ECONNREFUSED', syscall: 'connect', address, port };
      await rejects(loop.sockConnect(socket, { address, port }), expected);
    }));

  it('an attempt that nobody answers can be cancelled, and joined by another', () =>
    withLoop(async (loop) => {
      using dead = await deadEnd(loop);
      using socket = new Socket();
      const first = loop.sockConnect(socket, dead);
      await rejects(loop.sockConnect(socket, dead), /already waiting to send/);
      first.cancel();
      await rejects(first, CancelledError);
      const second = loop.sockConnect(socket, dead);
      equal(second.done(), false);
      socket.close();
      await rejects(second, { code: 'EBADF', syscall: 'connect' });
    }));

  it('an attempt that was cancelled before the server listened succeeds later', () =>
    withLoop(async (loop) => {
      using listener = new Socket();
      listener.bind(['127.0.0.1', 0]);
      using socket = new Socket();
      const cancelled = loop.sockConnect(socket, listener.getsockname());
      cancelled.cancel();
      listener.listen();
      // The first attempt was refused; the socket may say so once more.
      for (let tries = 0; tries < 3; tries++) {
        const error = await loop.sockConnect(socket, listener.getsockname()).then(
          () => null,
          (failure: unknown) => (failure as SystemError).code,
        );
        if (error === null) break;
        equal(error, tries < 2 ? 'ECONNREFUSED' : 'connected');
      }
      deepEqual(socket.getpeername(), listener.getsockname());
      await rejects(cancelled, CancelledError);
    }));

  it('a cancelled accept takes no connection', () =>
    withLoop(async (loop) => {
      using listener = new Socket();
      listener.bind(['127.0.0.1', 0]);
      listener.listen();
      const cancelled = loop.sockAccept(listener);
      cancelled.cancel();
      await rejects(cancelled, CancelledError);
      using client = new Socket();
      await loop.sockConnect(client, listener.getsockname());
      const [accepted, address] = await loop.sockAccept(listener);
      deepEqual(address, client.getsockname());
      accepted.close();
    }));

  it('unix sockets connect by name, and wait for a full queue', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        using listener = new Socket<string>('unix');
        const name = join(folder, 'socket');
        listener.bind(name);
        using absent = new Socket('unix');
        await rejects(loop.sockConnect(absent, join(folder, 'none')), {
          code: 'ENOENT',
          syscall: 'connect',
        });
        listener.listen(0);
        using first = new Socket('unix');
        await loop.sockConnect(first, name);
        using second = new Socket('unix');
        const waiting = loop.sockConnect(second, name);
        const [one, from] = await loop.sockAccept(listener);
        equal(from, '');
        equal(one.getsockname(), name);
        await waiting;
        const [two] = await loop.sockAccept(listener);
        await loop.sockSendall(second, 'over unix');
        equal(String(await loop.sockRecv(two, 100)), 'over unix');
        one.close();
        two.close();
      }),
    ));

  it('a socket of a transport is refused, and says what has it', () =>
    withServer(
      () => new Echo(),
      async ({ loop, port }) => {
        const socket = new Socket();
        await loop.sockConnect(socket, ['127.0.0.1', port]);
        const client = new Recorder();
        const [transport] = await loop.createConnection(() => client, null, null, { sock: socket });
        for (const call of [
          loop.sockRecv(socket, 1),
          loop.sockSendall(socket, 'x'),
          loop.sockConnect(socket, ['127.0.0.1', port]),
        ]) {
          const error = await call.catch((failure: unknown) => failure);
          equal((error as Error).constructor, RuntimeError);
          match(String(error), /^RuntimeError: File descriptor \d+ is used by transport <Tcp/);
        }
        transport.close();
        await client.lost;
        equal(socket.fd, -1);
        await rejects(loop.sockRecv(socket, 1), { code: 'EBADF' });
      },
    ));
});

describe('datagrams of sockets', () => {
  leavesNothingOpen();

  it('come and go with their addresses', () =>
    withLoop(async (loop) => {
      using server = new Socket(4, SOCK_DGRAM);
      server.bind(['127.0.0.1', 0]);
      using client = new Socket(4, SOCK_DGRAM);
      const receiving = loop.sockRecvfrom(server, 1024);
      equal(await loop.sockSendto(client, 'question', server.getsockname()), 8);
      const [question, from] = await receiving;
      equal(String(question), 'question');
      equal(from.port, client.getsockname().port);
      equal(await loop.sockSendto(server, 'a long answer', from), 13);
      const memory = Buffer.alloc(64, '.');
      const [size, address] = await loop.sockRecvfromInto(client, memory, 6);
      deepEqual([size, address], [6, server.getsockname()]);
      equal(memory.toString('latin1', 0, 8), 'a long..');
      await loop.sockSendto(server, '', from);
      deepEqual(await loop.sockRecvfrom(client, 10), [Buffer.alloc(0), server.getsockname()]);
    }));

  it('over IPv6 and unix names, too', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        const names = (['a', 'b'] as const).map((name) => join(folder, name)) as [string, string];
        const [one, two] = names.map(() => new Socket<string>('unix', SOCK_DGRAM)) as [
          Socket<string>,
          Socket<string>,
        ];
        one.bind(names[0]);
        two.bind(names[1]);
        equal(await loop.sockSendto(one, 'hello', names[1]), 5);
        deepEqual(await loop.sockRecvfrom(two, 64), [Buffer.from('hello'), names[0]]);
        await rejects(loop.sockSendto(one, 'x', join(folder, 'none')), { code: 'ENOENT' });
        one.close();
        two.close();
      }),
    ));

  it('through a connected socket need no address, and tell of a port that nobody has', () =>
    withLoop(async (loop) => {
      using socket = new Socket(4, SOCK_DGRAM);
      using other = new Socket(4, SOCK_DGRAM);
      other.bind(['127.0.0.1', 0]);
      await loop.sockConnect(socket, other.getsockname());
      await loop.sockSendall(socket, 'connected');
      equal(String(await loop.sockRecv(other, 100)), 'connected');
      other.close();
      await loop.sockSendall(socket, 'lost');
      await rejects(loop.sockRecv(socket, 100), { code: 'ECONNREFUSED', syscall: 'recv' });
    }));
});
