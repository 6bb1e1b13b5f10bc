/**
 * Socket: making one, its names and options, closing it, giving its descriptor away.
 *
 * Guards: a wrong argument is refused by name, the system's errors have their codes, a closed socket is EBADF, and a
 * socket that is dropped unclosed is closed when it is collected.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { closeSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_V6ONLY,
  SHUT_RDWR,
  SHUT_WR,
  SO_BROADCAST,
  SO_ERROR,
  SO_LINGER,
  SO_REUSEADDR,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  TCP_NODELAY,
} from 'uvio';
import { census, leavesNothingOpen } from '../support.js';
import { withFolder } from './local_peers.js';
import { withLoop } from './peers.js';

const wrong = (name: string) => ({ message: new RegExp(`^${name} must be`) });

describe('a socket', () => {
  leavesNothingOpen();

  it('is a stream over IPv4 by default, non-blocking, and does not reach child processes', () => {
    using socket = new Socket();
    deepEqual([socket.family, socket.type], [4, SOCK_STREAM]);
    equal(socket.getsockopt(SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    equal(socket.fd, socket.fileno());
    ok(readlinkSync(`/proc/self/fd/${socket.fd}`).startsWith('socket:'));
    equal(String(socket), `<Socket fd=${socket.fd}, family=4, type=${SOCK_STREAM}>`);
    deepEqual(socket.getsockname(), { address: '0.0.0.0', port: 0, family: 'IPv4' });
    throws(() => socket.getpeername(), { code: 'ENOTCONN', syscall: 'getpeername' });
  });

  it('is bound to an address in either form', () => {
    using socket = new Socket(4, SOCK_DGRAM, IPPROTO_UDP);
    socket.bind(['127.0.0.1', 0]);
    const name = socket.getsockname();
    equal(name.address, '127.0.0.1');
    ok(name.port > 0);
    using other = new Socket(4, SOCK_DGRAM);
    const { address, port } = name;
    const expected = { code: 'EADDRINUSE', syscall: 'bind', address, port };
    throws(() => other.bind(name), expected);
    throws(() => other.bind([address, port]), expected);
  });

  it('of a unix family has names for addresses, abstract ones too', () =>
    withFolder(async (folder) => {
      using socket = new Socket<string>('unix');
      equal(socket.getsockname(), '');
      const name = join(folder, 's');
      socket.bind(name);
      equal(socket.getsockname(), name);
      using abstract = new Socket<string>('unix', SOCK_DGRAM);
      abstract.bind(`\0uvio-${process.pid}`);
      equal(abstract.getsockname(), `\0uvio-${process.pid}`);
      throws(() => new Socket('unix').bind(''), wrong('address'));
    }));

  it('has the options of the system, as numbers or as bytes', () => {
    using socket = new Socket(6);
    for (const [level, name] of [
      [SOL_SOCKET, SO_REUSEADDR],
      [IPPROTO_TCP, TCP_NODELAY],
      [IPPROTO_IPV6, IPV6_V6ONLY],
    ] as const) {
      socket.setsockopt(level, name, true);
      equal(socket.getsockopt(level, name), 1);
      socket.setsockopt(level, name, 0);
      equal(socket.getsockopt(level, name), 0);
    }
    const linger = Buffer.from(Int32Array.of(1, 7).buffer);
    socket.setsockopt(SOL_SOCKET, SO_LINGER, linger);
    deepEqual(socket.getsockopt(SOL_SOCKET, SO_LINGER, 8), linger);
    equal(socket.getsockopt(SOL_SOCKET, SO_LINGER, 100).length, 8);
    equal(socket.getsockopt(SOL_SOCKET, SO_LINGER, 3).length, 3);
    equal(socket.getsockopt(SOL_SOCKET, SO_ERROR), 0);
    throws(() => socket.setsockopt(SOL_SOCKET, 9999, 1), {
      code: 'ENOPROTOOPT',
      syscall: 'setsockopt',
    });
    throws(() => socket.getsockopt(9999, 1), { syscall: 'getsockopt' });
  });

  it('that is closed, or was given away, is EBADF', () => {
    const socket = new Socket();
    const kept = socket.detach();
    ok(kept > 2);
    equal(socket.fileno(), -1);
    closeSync(kept);
    const closed = new Socket();
    closed.close();
    closed.close();
    for (const dead of [socket, closed]) {
      equal(dead.fd, -1);
      equal(dead.detach(), -1);
      for (const call of [
        () => dead.bind(['127.0.0.1', 0]),
        () => dead.listen(),
        () => dead.getsockname(),
        () => dead.getpeername(),
        () => dead.shutdown(SHUT_WR),
        () => dead.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1),
        () => dead.getsockopt(SOL_SOCKET, SO_TYPE),
      ]) {
        throws(call, { code: 'EBADF' });
      }
    }
  });

  it('takes a descriptor over and finds out what it is', () => {
    for (const [family, type] of [
      [4, SOCK_STREAM],
      [6, SOCK_DGRAM],
      ['unix', SOCK_STREAM],
    ] as const) {
      const made = new Socket(family, type);
      const fileno = made.detach();
      using taken = new Socket(4, SOCK_STREAM, 0, { fileno });
      deepEqual([taken.fd, taken.family, taken.type], [fileno, family, type]);
    }
    throws(() => new Socket(4, SOCK_STREAM, 0, { fileno: 0x7fffffff }), { code: 'EBADF' });
  });

  it('refuses arguments of the wrong kind', () => {
    for (const family of [0, 5, '4', null, 'tcp'] as never[]) {
      throws(() => new Socket(family), wrong('family'));
    }
    throws(() => new Socket(4, 'x' as never), wrong('type'));
    throws(() => new Socket(4, SOCK_STREAM, -1), wrong('proto'));
    throws(() => new Socket(4, SOCK_STREAM, 0, 7 as never), wrong('options'));
    throws(() => new Socket(4, SOCK_STREAM, 0, { fileno: -1 }), wrong('fileno'));
    throws(() => new Socket(4, SOCK_STREAM, IPPROTO_UDP), { code: 'EPROTONOSUPPORT' });
    using socket = new Socket();
    throws(() => socket.bind('127.0.0.1'), wrong('address'));
    throws(() => socket.bind(['localhost', 0]), wrong('address'));
    throws(() => socket.bind(['127.0.0.1', 70_000]), wrong('the port of address'));
    throws(() => socket.bind(['::1', 0]), { code: /EINVAL|EAFNOSUPPORT/ });
    throws(() => socket.listen(-1), wrong('backlog'));
    throws(() => socket.shutdown(9), wrong('how'));
    throws(() => socket.shutdown(SHUT_RDWR), { code: 'ENOTCONN' });
    throws(() => socket.setsockopt(SOL_SOCKET, SO_BROADCAST, '1' as never), wrong('value'));
    throws(() => socket.setsockopt(SOL_SOCKET, SO_BROADCAST, 2 ** 40), wrong('value'));
    throws(() => socket.setsockopt(-1, SO_BROADCAST, 1), wrong('level'));
    throws(() => socket.getsockopt(SOL_SOCKET, 1.5), wrong('name'));
    throws(() => socket.getsockopt(SOL_SOCKET, SO_TYPE, -1), wrong('size'));
  });

  it('that nobody has any more is closed', async function () {
    if (globalThis.gc === undefined) this.skip();
    const before = census().descriptors;
    for (let count = 0; count < 50; count++) new Socket();
    for (let turn = 0; turn < 100 && census().descriptors > before; turn++) {
      globalThis.gc?.();
      await new Promise(setImmediate);
    }
    ok(census().descriptors <= before);
  });

  it('of a transport has the same options', () =>
    withLoop(async (loop) => {
      const server = await loop.createServer(() => ({}) as never, '127.0.0.1', 0);
      const [socket] = server.sockets;
      ok(socket !== undefined);
      equal(socket.getsockopt(SOL_SOCKET, SO_TYPE), SOCK_STREAM);
      equal(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR), 1);
      socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, false);
      equal(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, 4).readInt32LE(), 0);
      server.close();
      throws(() => socket.getsockopt(SOL_SOCKET, SO_TYPE), { code: 'EBADF' });
    }));
});
