/**
 * Calls between threads under stress: four that attach, call, cancel and close, and two that are terminated again and again.
 *
 * Guards: every call that was made was run, or its maker was told that it was not; every request ended. A call in the midst of
 * which a thread is terminated may be both, hence one for each termination.
 * UVIO_STRESS=SECONDS lets it run longer.
 */

import { equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { EventLoop, LoopRef, ThreadsafeFuture } from '../../src/index.js';
import { type Program, startWorker } from '../io/programs.js';
import { leavesNothingOpen } from '../support.js';

const seconds = Number(process.env.UVIO_STRESS ?? 3);
const CALLERS = 4;
const VICTIMS = 2;

// Of the shared counters.
const NAMES = ['posted', 'ran', 'returned', 'requested', 'answered', 'failed', 'cancelled'];

interface Orders {
  counters?: SharedArrayBuffer;
  refs?: LoopRef[];
  stop?: boolean;
}

/** Runs what it is called for, until it is terminated. */
const victim: Program<undefined> = async ({ newEventLoop }, { threads }) => {
  const port = threads.parentPort as import('node:worker_threads').MessagePort;
  port.once('message', ({ counters }: Orders) => {
    const counts = new Int32Array(counters as SharedArrayBuffer);
    const loop = newEventLoop();
    loop.expose('hit', () => void Atomics.add(counts, 1, 1));
    loop.expose('echo', async (value: unknown) => value);
    loop.expose('never', async () => await loop.createFuture());
    port.postMessage(loop.ref);
    setInterval(() => {}, 1000);
  });
};

const caller: Program<{ seed: number }> = async (uvio, { threads }, { seed }) => {
  const { EventLoop, newEventLoop, setEventLoop } = uvio;
  const port = threads.parentPort as import('node:worker_threads').MessagePort;
  let counts: Int32Array = new Int32Array(7);
  const count = (slot: number, more = 1) => void Atomics.add(counts, slot, more);
  let state = seed * 7919 + 1;
  const random = (limit: number) => {
    state = (state * 48271) % 0x7fffffff;
    return state % limit;
  };
  const loop = newEventLoop();
  setEventLoop(loop);
  loop.expose('ping', async () => 'pong');
  loop.setExceptionHandler((_loop, context) => {
    count(2, (context.calls as string[] | undefined)?.length ?? 1);
  });
  let refs: LoopRef[] = [];
  const outstanding = new Set<ThreadsafeFuture>();
  let serving: EventLoop | null = null;
  const serve = () => {
    serving?.close();
    serving = newEventLoop();
    serving.setExceptionHandler(() => {});
    serving.expose({
      hit: () => count(1),
      echo: async (value: unknown) => value,
      never: async () => await (serving as EventLoop).createFuture(),
    });
    port.postMessage(serving.ref);
  };
  const ask = (ref: LoopRef) => {
    const name = random(6) === 0 ? 'never' : 'echo';
    const future = uvio.runCoroutineThreadsafe(ref, name, random(3) === 0 ? { a: [1] } : 1);
    count(3);
    outstanding.add(future);
    const ended = (slot: number) => () => {
      outstanding.delete(future);
      count(future.cancelled() ? 6 : slot);
    };
    future.then(ended(4), ended(5));
    if (name === 'never' || random(8) === 0) setImmediate(() => future.cancel());
  };
  const act = () => {
    const ref = refs[random(refs.length)] as LoopRef;
    try {
      for (let left = random(20); left > 0; left--) {
        if (random(3) === 0) ask(ref);
        else {
          EventLoop.attach(ref).callSoonThreadsafe('hit', random(4) === 0 ? [left] : left);
          count(0);
        }
      }
    } catch (error) {
      if ((error as Error).message !== 'Event loop is closed') throw error;
    }
    if (random(200) === 0) serve();
  };
  let isStopped = false;
  const live = () => {
    if (isStopped) return;
    act();
    setImmediate(live);
  };
  const settle = async () => {
    while (outstanding.size > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  port.on('message', async (orders: Orders) => {
    if (orders.counters !== undefined) {
      counts = new Int32Array(orders.counters);
      serve();
    } else if (orders.refs !== undefined) {
      const isFirst = refs.length === 0;
      refs = orders.refs;
      if (isFirst) live();
    } else if (orders.stop) {
      isStopped = true;
      await settle();
      port.postMessage('settled');
    } else {
      // Once when the others still have something for this one, once when they have not.
      serving?.close();
      serving = null;
      await uvio.runCoroutineThreadsafe(loop, 'ping');
      port.postMessage('settled');
    }
  });
};

/** A worker, and the messages that are no refs. */
class Player {
  readonly worker: Worker;
  ref: LoopRef | null = null;
  #settled = () => {};

  constructor(program: Program<{ seed: number }> | Program<undefined>, seed: number) {
    this.worker = startWorker(program as Program<{ seed: number }>, { seed });
  }

  async start(counters: SharedArrayBuffer, changed: () => void): Promise<void> {
    this.worker.postMessage({ counters });
    [this.ref] = (await once(this.worker, 'message')) as [LoopRef];
    this.worker.on('message', (message: LoopRef | 'settled') => {
      if (message === 'settled') this.#settled();
      else {
        this.ref = message;
        changed();
      }
    });
  }

  async order(orders: Orders): Promise<void> {
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    this.worker.postMessage(orders);
    await settled;
  }
}

describe('calls between threads under stress', () => {
  leavesNothingOpen();

  it('are run or come back, and every request ends', async function () {
    this.timeout(120_000 + seconds * 1000);
    const counters = new SharedArrayBuffer(NAMES.length * 4);
    const callers = Array.from({ length: CALLERS }, (_, seed) => new Player(caller, seed));
    const victims = Array.from({ length: VICTIMS }, () => new Player(victim, 0));
    const everybody = () => [...callers, ...victims];
    const tell = () => {
      const refs = everybody().flatMap(({ ref }) => (ref === null ? [] : [ref]));
      for (const { worker } of callers) worker.postMessage({ refs });
    };
    await Promise.all(everybody().map((player) => player.start(counters, tell)));
    tell();
    const end = performance.now() + seconds * 1000;
    let terminations = 0;
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const index = terminations++ % VICTIMS;
      await victims[index]?.worker.terminate();
      const next = new Player(victim, 0);
      victims[index] = next;
      await next.start(counters, tell);
      tell();
    }
    for (const { worker } of victims) await worker.terminate();
    terminations += VICTIMS;
    await Promise.all(callers.map((player) => player.order({ stop: true })));
    for (let times = 0; times < 2; times++) {
      await Promise.all(callers.map((player) => player.order({})));
    }
    for (const { worker } of callers) await worker.terminate();
    const counts = new Int32Array(counters);
    const of = (name: string) => counts[NAMES.indexOf(name)] as number;
    const shown = NAMES.map((name) => `${name} ${of(name)}`).join(', ');
    const both = of('ran') + of('returned') - of('posted');
    ok(both >= 0 && both <= terminations, `${both} of ${terminations}: ${shown}`);
    equal(of('requested'), of('answered') + of('failed') + of('cancelled'), shown);
    ok(Math.min(...counts) > 0, shown);
    if (process.env.UVIO_STRESS !== undefined)
      console.log(`      ${shown}, both ${both} of ${terminations}`);
  });
});
