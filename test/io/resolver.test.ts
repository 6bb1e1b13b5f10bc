/**
 * getaddrinfo and getnameinfo of a loop, against the system's own and Node's dns.
 *
 * Guards: what is numeric is answered at once; errors look like Node's; a cancelled question is heard of
 * no more, and does not keep the loop from closing.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { lookup, lookupService } from 'node:dns/promises';
import {
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_PASSIVE,
  type EventLoop,
  IPPROTO_TCP,
  IPPROTO_UDP,
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  newEventLoop,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  type SystemError,
} from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withLoop } from './peers.js';
import { assertPrinted, runProcess } from './programs.js';

const v4 = (address: string, port: number) => ({ address, port, family: 'IPv4' });
const v6 = (address: string, port: number) => ({ address, port, family: 'IPv6' });

/** What `call` fails with. */
async function failure(call: PromiseLike<unknown>): Promise<SystemError> {
  try {
    await call;
  } catch (error) {
    return error as SystemError;
  }
  throw new Error('it did not fail');
}

describe('getaddrinfo', () => {
  leavesNothingOpen();

  it('answers what is numeric at once, once for each type of socket', () =>
    withLoop(async (loop) => {
      const asked = loop.getaddrinfo('127.0.0.1', 80);
      ok(asked.done());
      deepEqual(await asked, [
        {
          family: 4,
          type: SOCK_STREAM,
          proto: IPPROTO_TCP,
          canonname: '',
          sockaddr: v4('127.0.0.1', 80),
        },
        {
          family: 4,
          type: SOCK_DGRAM,
          proto: IPPROTO_UDP,
          canonname: '',
          sockaddr: v4('127.0.0.1', 80),
        },
        { family: 4, type: SOCK_RAW, proto: 0, canonname: '', sockaddr: v4('127.0.0.1', 80) },
      ]);
      const one = { type: SOCK_DGRAM, flags: AI_NUMERICHOST };
      deepEqual(loop.getaddrinfo('::1', '53', one).result(), [
        { family: 6, type: SOCK_DGRAM, proto: IPPROTO_UDP, canonname: '', sockaddr: v6('::1', 53) },
      ]);
      const tcp = { proto: IPPROTO_TCP };
      deepEqual(
        (await loop.getaddrinfo('127.0.0.1', null, tcp)).map((info) => [
          info.type,
          info.sockaddr.port,
        ]),
        [[SOCK_STREAM, 0]],
      );
    }));

  it('without a host means this machine: loopback, or every interface to bind to', () =>
    withLoop(async (loop) => {
      const options = { family: 4, type: SOCK_STREAM } as const;
      const sockaddr = async (host: string | null, flags: number) =>
        (await loop.getaddrinfo(host, 7, { ...options, flags })).map((info) => info.sockaddr);
      deepEqual(await sockaddr(null, 0), [v4('127.0.0.1', 7)]);
      deepEqual(await sockaddr('', 0), [v4('127.0.0.1', 7)]);
      deepEqual(await sockaddr(null, AI_PASSIVE), [v4('0.0.0.0', 7)]);
      equal((await failure(loop.getaddrinfo(null, null))).code, 'ENOTFOUND');
    }));

  it('resolves names as Node does, and services', () =>
    withLoop(async (loop) => {
      const infos = await loop.getaddrinfo('localhost', 'http', { type: SOCK_STREAM });
      const expected = await lookup('localhost', { all: true });
      deepEqual(
        new Set(infos.map((info) => info.sockaddr.address)),
        new Set(expected.map((address) => address.address)),
      );
      deepEqual(new Set(infos.map((info) => info.sockaddr.port)), new Set([80]));
      const [named] = await loop.getaddrinfo('localhost', null, { flags: AI_CANONNAME });
      equal(named?.canonname, 'localhost');
    }));

  it('fails with errors like those of dns.lookup', () =>
    withLoop(async (loop) => {
      const name = 'no-such-name.invalid';
      const ours = await failure(loop.getaddrinfo(name, 80));
      const theirs = (await failure(lookup(name))) as SystemError;
      deepEqual(
        [ours.code, ours.syscall, ours.hostname, ours.message],
        [theirs.code, theirs.syscall, theirs.hostname, theirs.message],
      );
      const service = await failure(loop.getaddrinfo('127.0.0.1', 'no-such-service'));
      equal(service.code, 'EAI_SERVICE');
      const family = await failure(loop.getaddrinfo('::1', 80, { family: 4 }));
      equal(family.code, 'EAI_ADDRFAMILY');
      const type = await failure(loop.getaddrinfo('127.0.0.1', 80, { type: 77 }));
      equal(type.code, 'EAI_SOCKTYPE');
    }));

  it('is given up by cancelling, by a signal, and by closing the loop', async () => {
    await withLoop(async (loop) => {
      const asked = loop.getaddrinfo('localhost', 80);
      asked.cancel();
      await rejects(Promise.resolve(asked), { name: 'CancelledError' });
      const controller = new AbortController();
      const aborted = loop.getaddrinfo('localhost', 80, { signal: controller.signal });
      controller.abort(new Error('enough'));
      await rejects(Promise.resolve(aborted), { name: 'CancelledError', message: 'enough' });
    });
    const loop = newEventLoop();
    void loop.getaddrinfo('localhost', 80);
    void loop.getnameinfo(['127.0.0.1', 80]);
    loop.close();
  });

  it('answers many questions at once', () =>
    withLoop(async (loop) => {
      const asked = Array.from({ length: 100 }, () => loop.getaddrinfo('localhost', 80));
      for (const answer of asked) ok((await answer).length > 0);
    }));

  it('leaves nothing behind for an answered question, nor for one given up', async () => {
    const outcome = await runProcess(async ({ newEventLoop: make }) => {
      const loop = make();
      const asked: WeakRef<object>[] = [];
      const ask = async (host: string, answered: boolean) => {
        const future = loop.getaddrinfo(host, 80);
        asked.push(new WeakRef(future));
        if (!answered) future.cancel();
        await future.catch(() => {});
      };
      for (let count = 0; count < 20; count++) {
        await ask('127.0.0.1', true);
        await ask('localhost', true);
        await ask('localhost', false);
      }
      const left = () => asked.filter((one) => one.deref() !== undefined).length;
      for (let turn = 0; turn < 100 && left() > 1; turn++) {
        await new Promise(setImmediate);
        globalThis.gc?.();
      }
      // The last one may still be on a stack.
      console.log(left() <= 1 ? 'collected' : `${left()} left`);
      loop.close();
    });
    assertPrinted(outcome, 'collected');
  });

  it('refuses wrong arguments', () =>
    withLoop(async (loop) => {
      const ask = (host: unknown, port: unknown, options?: unknown) => () =>
        loop.getaddrinfo(host as never, port as never, options as never);
      throws(ask(undefined, 80), /^TypeError.*: host must be a string or null, got undefined$/);
      throws(ask('localhost', {}), /port must be a number, a service's name or null/);
      throws(ask('localhost\0.example', 80), /host must be without zero bytes/);
      throws(ask('localhost', 'http\0'), /port must be without zero bytes/);
      throws(ask('localhost', 65536), { name: 'RangeError' });
      throws(ask('localhost', -1), { name: 'RangeError' });
      throws(ask('localhost', 80, 1), /options must be an object/);
      throws(ask('localhost', 80, { family: 5 }), /family must be 0, 4 or 6/);
      throws(ask('localhost', 80, { type: 'stream' }), /type must be an integer/);
      throws(ask('localhost', 80, { proto: -1 }), { name: 'RangeError' });
      throws(ask('localhost', 80, { flags: 1.5 }), { name: 'RangeError' });
      throws(ask('localhost', 80, { signal: 1 }), /signal must be an AbortSignal/);
      const closed: EventLoop = newEventLoop();
      closed.close();
      throws(() => closed.getaddrinfo('localhost', 80), /Event loop is closed/);
      throws(() => closed.getnameinfo(['127.0.0.1', 80]), /Event loop is closed/);
    }));
});

describe('getnameinfo', () => {
  leavesNothingOpen();

  it('names a host and a service as Node does', () =>
    withLoop(async (loop) => {
      const { hostname, service } = await lookupService('127.0.0.1', 22);
      deepEqual(await loop.getnameinfo(['127.0.0.1', 22]), [hostname, service]);
      deepEqual(await loop.getnameinfo({ address: '127.0.0.1', port: 22 }), [hostname, service]);
      // A service of this number that TCP and UDP call differently.
      equal((await loop.getnameinfo(['127.0.0.1', 512]))[1], 'exec');
      equal((await loop.getnameinfo(['127.0.0.1', 512], NI_DGRAM))[1], 'biff');
    }));

  it('gives numbers at once', () =>
    withLoop(async (loop) => {
      const flags = NI_NUMERICHOST | NI_NUMERICSERV;
      deepEqual(loop.getnameinfo(['127.0.0.1', 22], flags).result(), ['127.0.0.1', '22']);
      deepEqual(loop.getnameinfo(['::1', 0], flags).result(), ['::1', '0']);
    }));

  it('fails when there is no name and one is wanted', () =>
    withLoop(async (loop) => {
      const error = await failure(loop.getnameinfo(['0.0.0.1', 80], NI_NAMEREQD));
      deepEqual(
        [error.code, error.syscall, error.message],
        ['ENOTFOUND', 'getnameinfo', 'getnameinfo ENOTFOUND 0.0.0.1'],
      );
    }));

  it('refuses wrong arguments', () =>
    withLoop(async (loop) => {
      const ask = (sockaddr: unknown, flags?: unknown) => () =>
        loop.getnameinfo(sockaddr as never, flags as never);
      for (const value of [undefined, null, '127.0.0.1', [], [1, 2], {}]) {
        throws(ask(value), { name: 'TypeError', message: /^sockaddr must be/ });
      }
      throws(ask(['localhost', 80]), /sockaddr must be a numeric address, not a name/);
      throws(ask(['127.0.0.1', -1]), /the port of sockaddr must be an integer from 0 to 65535/);
      throws(ask(['127.0.0.1', 80], 'x'), /flags must be an integer/);
    }));
});
