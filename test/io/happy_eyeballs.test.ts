/**
 * Connecting to a host of several addresses: in which order, one beside the other, and what is told of those that failed.
 *
 * Guards: whoever answers first is taken, the attempts that lose leave no descriptor, giving up gives all of them up. The
 * addresses that do not answer have a full backlog; the resolver is left out, since it knows one address of ours only.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { CancelledError, type EventLoop, ExceptionGroup, type SocketAddress } from 'uvio';
import type { TcpWrap } from '../../src/binding/contract.js';
import { Connecting, type ConnectingOptions, interleave } from '../../src/io/connecting.js';
import { leavesNothingOpen } from '../support.js';
import { deadEnd, refusing } from './dead_ends.js';
import { Echo, portOf, Recorder, withLoop, withServer } from './peers.js';

const settings = { locals: null, delay: null, allErrors: false };

function race(
  loop: EventLoop,
  remotes: SocketAddress[],
  options: Partial<ConnectingOptions> = {},
): Connecting {
  return new Connecting(loop._reactor, remotes, { ...settings, ...options });
}

/** Where the connection goes to; closes it. */
function peerOf(wrap: TcpWrap): SocketAddress {
  const name = wrap.getPeerName() as SocketAddress;
  wrap.close();
  return name;
}

const v4 = (address: string): SocketAddress => ({ address, port: 80, family: 'IPv4' });
const v6 = (address: string): SocketAddress => ({ address, port: 80, family: 'IPv6' });

describe('a host of several addresses', () => {
  leavesNothingOpen();

  /** Runs `body` with the address of a server. */
  const serving = (body: (loop: EventLoop, live: SocketAddress) => Promise<void>) =>
    withServer(
      () => new Echo(),
      ({ loop, server }) => {
        const live = server.sockets[0]?.getsockname() as SocketAddress;
        return body(loop, live);
      },
    );

  it('is tried address after address, until one answers', () =>
    serving(async (loop, live) => {
      const remotes = [refusing(), refusing('127.0.0.2'), live, refusing('127.0.0.3')];
      deepEqual(peerOf(await race(loop, remotes)), live);
    }));

  it('that does not answer does not hold up the next one for longer than the delay', () =>
    serving(async (loop, live) => {
      using dead = await deadEnd(loop);
      using dead2 = await deadEnd(loop, '127.0.0.2');
      const started = performance.now();
      deepEqual(peerOf(await race(loop, [dead, dead2, live], { delay: 20 })), live);
      const took = performance.now() - started;
      ok(took >= 39, `two delays of 20 ms took ${took}`);
    }));

  it('with no delay between the attempts begins all of them at once', () =>
    serving(async (loop, live) => {
      using dead = await deadEnd(loop);
      deepEqual(peerOf(await race(loop, [dead, dead, live], { delay: 0 })), live);
    }));

  it('goes on at once, whatever the delay, when the last attempt has failed', () =>
    serving(async (loop, live) => {
      using dead = await deadEnd(loop);
      const connecting = race(loop, [refusing(), refusing(), live], { delay: 1_000_000 });
      deepEqual(peerOf(await connecting), live);
      // An earlier attempt that still waits does not matter.
      const beside = race(loop, [dead, refusing(), live], { delay: 5 });
      deepEqual(peerOf(await beside), live);
    }));

  it('waits for an earlier attempt when the last address has failed', () =>
    withLoop(async (loop) => {
      using dead = await deadEnd(loop);
      const connecting = race(loop, [dead, refusing()], { delay: 1 });
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
      equal(connecting.done(), false);
      connecting.cancel();
      await rejects(connecting, CancelledError);
    }));

  it('tells one failure, or several that say the same, as it is', () =>
    withLoop(async (loop) => {
      const one = refusing();
      const { port, address } = one;
      const expected = { name: 'Error', code: 'ECONNREFUSED', address, port };
      await rejects(race(loop, [one]), expected);
      await rejects(race(loop, [one, one], { delay: 0 }), expected);
    }));

  it('tells failures that differ in one error with the code of the first', () =>
    withLoop(async (loop) => {
      const remotes = [refusing(), refusing('127.0.0.2')];
      for (const delay of [null, 0, 1000]) {
        const error = await race(loop, remotes, { delay }).catch((failure: unknown) => failure);
        ok(error instanceof AggregateError && !(error instanceof ExceptionGroup));
        deepEqual(
          error.errors.map(({ code, address }) => [code, address]),
          [
            ['ECONNREFUSED', '127.0.0.1'],
            ['ECONNREFUSED', '127.0.0.2'],
          ],
        );
        const [first, second] = error.errors as [Error, Error];
        equal(error.message, `Multiple exceptions: ${first.message}, ${second.message}`);
        equal((error as never as { code: string }).code, 'ECONNREFUSED');
      }
    }));

  it('with allErrors tells every failure in a group, a single one too', () =>
    withLoop(async (loop) => {
      const remotes = [refusing(), refusing('127.0.0.2')];
      for (const some of [remotes, remotes.slice(1)]) {
        const error = await race(loop, some, { allErrors: true }).catch((one: unknown) => one);
        ok(error instanceof ExceptionGroup);
        const count = `${some.length} sub-exception${some.length === 1 ? '' : 's'}`;
        equal(error.message, `create_connection failed (${count})`);
        deepEqual(
          error.exceptions.map((one) => (one as { address: string }).address),
          some.map(({ address }) => address),
        );
      }
    }));

  it('is connected to from the first local address of its family that is free', () =>
    serving(async (loop, live) => {
      const local = (address: string, port = 0): SocketAddress => ({ ...v4(address), port });
      const locals = [{ ...v6('::1'), port: 0 }, live, local('127.0.0.5')];
      const wrap = await race(loop, [live], { locals });
      equal((wrap.getSocketName() as SocketAddress).address, '127.0.0.5');
      wrap.close();
      // Both the binding and the connecting have failed.
      const failing = race(loop, [refusing()], { locals, allErrors: true });
      const error = (await failing.catch((one: unknown) => one)) as ExceptionGroup;
      deepEqual(
        error.exceptions.map((one) => (one as { syscall: string }).syscall),
        ['bind', 'connect'],
      );
      await rejects(race(loop, [live], { locals: [local('127.0.0.1', live.port)] }), {
        code: 'EADDRINUSE',
      });
      await rejects(race(loop, [live], { locals: [v6('::1')] }), {
        code: 'EADDRNOTAVAIL',
        message: 'no matching local address with family=IPv4 found',
      });
    }));

  it('is given up as a whole, at any moment', () =>
    serving(async (loop, live) => {
      using dead = await deadEnd(loop);
      for (let links = 0; links < 30; links++) {
        const connecting = race(loop, [dead, refusing(), dead, live], { delay: links % 3 });
        for (let link = 0; link < links; link++) await new Promise<void>((go) => loop.callSoon(go));
        connecting.discard();
        await connecting.then(
          () => {},
          (error: unknown) => ok(error instanceof CancelledError),
        );
      }
    }));

  it('connects through the public function, with its options', async () => {
    await withLoop(async (loop) => {
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      const client = new Recorder();
      const options = { happyEyeballsDelay: 10, interleave: 2, allErrors: true };
      await loop.createConnection(() => client, 'localhost', portOf(server), options);
      client.transport.close();
      await client.lost;
      const port = refusing().port;
      await rejects(
        loop.createConnection(() => client, '127.0.0.1', port, options),
        ExceptionGroup,
      );
      await server[Symbol.asyncDispose]();
    });
  });
});

describe('the order of the addresses', () => {
  const found = [v6('::1'), v6('::2'), v6('::3'), v4('1.1.1.1'), v4('2.2.2.2')];
  const ordered = (count: number, addresses = found) =>
    interleave(addresses, count).map(({ address }) => address);

  it('alternates between the families, the first one first', () => {
    deepEqual(ordered(1), ['::1', '1.1.1.1', '::2', '2.2.2.2', '::3']);
    deepEqual(ordered(1, [v4('1.1.1.1'), ...found.slice(0, 2)]), ['1.1.1.1', '::1', '::2']);
  });

  it('begins with as many of the first family as are asked for', () => {
    deepEqual(ordered(2), ['::1', '::2', '1.1.1.1', '::3', '2.2.2.2']);
    deepEqual(ordered(9), ['::1', '::2', '::3', '1.1.1.1', '2.2.2.2']);
  });

  it('stays as it is when there is one family', () => {
    deepEqual(ordered(1, found.slice(0, 3)), ['::1', '::2', '::3']);
    deepEqual(ordered(3, found.slice(3)), ['1.1.1.1', '2.2.2.2']);
  });
});
