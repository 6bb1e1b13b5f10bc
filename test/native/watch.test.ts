/**
 * LoopWrap.watch() and handles(): what a loop shows of itself to an observer (native/base/entry_stamp.h).
 *
 * Guards: the word is 0 while no callback runs and the moment of entry while one does, microtasks included; what was
 * reported has its total, once; memory of the wrong kind is refused and changes nothing.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { ENTRY_REPORTED, ENTRY_SINCE, ENTRY_SIZE } from '../../src/binding/contract.js';
import { type EventLoop, Protocol } from '../../src/index.js';
import { Peer, withLoop, withServer } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';

const words = (size = ENTRY_SIZE) => new BigInt64Array(new SharedArrayBuffer(size * 8));
const since = (entry: BigInt64Array) => Atomics.load(entry, ENTRY_SINCE);
const report = (entry: BigInt64Array) => Atomics.store(entry, ENTRY_REPORTED, since(entry));
const hostTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs `body` as a callback of the loop. */
function inCallback<T>(loop: EventLoop, body: () => T): Promise<T> {
  return new Promise((resolve) => loop.callSoon(() => resolve(body())));
}

describe('what a loop shows to an observer', () => {
  leavesNothingOpen();

  it('is the moment in which the running callback was entered, and 0 when none runs', () =>
    withLoop(async (loop) => {
      const entry = words();
      equal(loop._reactor.wrap.watch(entry), 0);
      equal(since(entry), 0n);
      const before = process.hrtime.bigint();
      const [entered, now] = await inCallback(loop, () => [since(entry), process.hrtime.bigint()]);
      ok(before <= entered && entered <= now, `${before} ${entered} ${now}`);
      await hostTurn();
      equal(since(entry), 0n);
    }));

  it('is set for the very callback in which the watching begins', () =>
    withLoop(async (loop) => {
      const entry = words();
      const before = process.hrtime.bigint();
      const begun = await inCallback(loop, () => {
        loop._reactor.wrap.watch(entry);
        return since(entry);
      });
      ok(begun >= before);
      await hostTurn();
      equal(since(entry), 0n);
    }));

  it('stays while the microtasks of the callback run, and is set for protocols', async () => {
    const seen: bigint[] = [];
    let entry: BigInt64Array;
    class Looking extends Protocol {
      override dataReceived(): void {
        seen.push(since(entry));
        Promise.resolve().then(() => seen.push(since(entry)));
      }
    }
    await withServer(
      () => new Looking(),
      async ({ loop, port }) => {
        entry = words();
        loop._reactor.wrap.watch(entry);
        const peer = await Peer.connect(port);
        peer.socket.write('x');
        while (seen.length < 2) await hostTurn();
        const [inProtocol, inMicrotask] = seen as [bigint, bigint];
        ok(inProtocol > 0n && inMicrotask >= inProtocol);
        await peer.close();
      },
    );
  });

  it('a reported callback has its total, once, when it is over', () =>
    withLoop(async (loop) => {
      const entry = words();
      const totals: number[] = [];
      loop._reactor.onStallEnded = (milliseconds) => totals.push(milliseconds);
      loop._reactor.wrap.watch(entry);
      const took = await inCallback(loop, () => {
        report(entry);
        const begin = performance.now();
        while (performance.now() < begin + 20);
        return performance.now() - begin;
      });
      await hostTurn();
      await inCallback(loop, () => {});
      await hostTurn();
      equal(totals.length, 1);
      ok((totals[0] as number) >= took, `${totals[0]} of ${took}`);
    }));

  it('who stops watching inside a reported callback gets the total so far', () =>
    withLoop(async (loop) => {
      const entry = words();
      loop._reactor.onStallEnded = () => ok(false);
      loop._reactor.wrap.watch(entry);
      const total = await inCallback(loop, () => {
        report(entry);
        const end = performance.now() + 5;
        while (performance.now() < end);
        return loop._reactor.wrap.watch(null);
      });
      ok(total >= 5, String(total));
      equal(since(entry), 0n);
      await inCallback(loop, () => equal(since(entry), 0n));
      await hostTurn();
    }));

  it('refuses memory that is too small or none, and a closed loop has nothing to show', async () => {
    const closed = await withLoop(async (loop) => {
      const wrap = loop._reactor.wrap as unknown as { watch(value: unknown): number };
      const entry = words();
      equal(wrap.watch(entry), 0);
      for (const wrong of [undefined, 1, 'x', {}, words(1), new ArrayBuffer(64), () => {}]) {
        ok(wrap.watch(wrong) < 0);
      }
      const bytes = new Uint8Array(new SharedArrayBuffer(64), 1, 40);
      ok(wrap.watch(bytes) < 0, 'not aligned');
      ok((await inCallback(loop, () => since(entry))) > 0n);
      return loop._reactor.wrap;
    });
    ok(closed.watch(words()) < 0);
    deepEqual([closed.handles(), closed.ownerOf(0)], [[], undefined]);
  });

  it('names every handle that somebody has opened, with its owner', () =>
    withServer(
      () => new Protocol(),
      async ({ loop, port, server }) => {
        const kinds = () => loop._reactor.wrap.handles().map(([kind]) => kind);
        deepEqual(kinds(), ['tcp']);
        const peer = await Peer.connect(port);
        while (kinds().length < 2) await hostTurn();
        const owners = loop._reactor.wrap.handles().map(([, owner]) => owner?.constructor.name);
        deepEqual(owners.sort(), ['TcpListener', 'TcpTransport']);
        await peer.close();
        loop.addSignalHandler('SIGUSR2', () => {});
        ok(
          loop._reactor.wrap
            .handles()
            .some(([kind, owner]) => kind === 'signal' && owner === undefined),
        );
        loop.removeSignalHandler('SIGUSR2');
        server.close();
      },
    ));
});
