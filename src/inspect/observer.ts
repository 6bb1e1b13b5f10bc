/**
 * The observed side: starts the observer thread of this thread, tells it what to watch, and answers what it asks.
 *
 * It runs while a loop has a watchdog or may be inspected, as in debug mode, and for good with UVIO_INSPECT=1; otherwise
 * there is none, and nothing costs. Invariant: the observer keeps no process alive, and its failure stops nothing else.
 */

import type { MessagePort } from 'node:worker_threads';
import * as workerThreads from 'node:worker_threads';
import { ENTRY_SIZE } from '../binding/contract.js';
import { outsideTasks } from '../core/context.js';
import type { EventLoop } from '../loop/event_loop.js';
import { type LoopObserver, openLoops } from '../loop/observation.js';
import { log, logger } from '../util/logger.js';
import { ownFile } from '../util/own_file.js';
import type { FromObserver, ObserverData, ToObserver } from './messages.js';
import { takeSnapshot } from './snapshot.js';
import { Stalls } from './stalls.js';

interface Watched {
  readonly id: number;
  readonly entry: BigInt64Array;
  readonly stalls: Stalls;
  /** The loop is closed, or has no watchdog any more; a stall of its is still to be logged. */
  over: boolean;
}

interface Running {
  readonly worker: workerThreads.Worker;
  readonly port: MessagePort;
  /** Ends it, unless somebody needs it before. */
  rest: NodeJS.Timeout | null;
}

// To start an observer takes some 60 ms of a processor: loops that follow each other, as in tests, share one.
const REST = 1000; // ms

class ThreadObserver implements LoopObserver {
  readonly #watched = new Map<EventLoop, Watched>();
  #running: Running | null = null;
  #always = false;
  #serving = false;
  #loops = 0;
  #refused = false;

  watch(loop: EventLoop): void {
    this.#watchAsWanted(loop);
  }

  changed(loop: EventLoop): void {
    this.#always ||= process.env.UVIO_INSPECT === '1';
    try {
      this.#serveAsWanted();
      this.#watchAsWanted(loop);
    } catch (error) {
      // No threads are to be had; the program goes on without.
      this.#refuse((error as Error).message);
    }
  }

  closed(loop: EventLoop): void {
    this.#forget(loop);
    this.#serveAsWanted();
  }

  /** Ends an observer that nobody needs, now instead of a little later. */
  dismiss(): void {
    if (this.#running === null || this.#running.rest === null) return;
    clearTimeout(this.#running.rest);
    this.#tell({ kind: 'end' });
    this.#running = null;
  }

  /** Whether `uvio ps` and its like can ask this thread. */
  #serveAsWanted(): void {
    const asked = this.#always || [...openLoops].some((loop) => loop._debug?.inspect === true);
    const wanted = asked && !this.#refused;
    if (wanted === this.#serving) return;
    if (wanted) this.#wake();
    this.#tell({ kind: wanted ? 'serve' : 'silence' });
    this.#serving = wanted;
    for (const loop of openLoops) this.#watchAsWanted(loop);
    this.#restIfIdle();
  }

  #watchAsWanted(loop: EventLoop): void {
    const threshold = loop._watchdog;
    if (threshold === null && !this.#serving) this.#forget(loop);
    else this.#watch(loop, threshold);
  }

  #watch(loop: EventLoop, threshold: number | null): void {
    this.#wake();
    let watched = this.#watched.get(loop);
    if (watched === undefined || watched.over) {
      const memory = new SharedArrayBuffer(ENTRY_SIZE * BigInt64Array.BYTES_PER_ELEMENT);
      const entry = new BigInt64Array(memory);
      watched = { id: ++this.#loops, entry, stalls: new Stalls(), over: false };
      this.#watched.set(loop, watched);
      loop._reactor.wrap.watch(entry);
      loop._reactor.onStallEnded = (milliseconds) => this.#stallEnded(loop, milliseconds);
    }
    this.#tell({ kind: 'watch', loop: watched.id, entry: watched.entry, threshold });
  }

  #forget(loop: EventLoop): void {
    const watched = this.#watched.get(loop);
    if (watched === undefined || watched.over) return;
    watched.over = true;
    // Inside of a stall it is as over as it will get.
    const stalled = loop._reactor.wrap.watch(null);
    if (stalled > 0) this.#stallEnded(loop, stalled);
    this.#tell({ kind: 'forget', loop: watched.id });
    if (!watched.stalls.due) this.#drop(loop);
  }

  #drop(loop: EventLoop): void {
    this.#watched.delete(loop);
    this.#restIfIdle();
  }

  #wake(): void {
    this.#running ??= this.#start();
    if (this.#running.rest !== null) clearTimeout(this.#running.rest);
    this.#running.rest = null;
  }

  #restIfIdle(): void {
    const running = this.#running;
    if (running === null || this.#watched.size > 0 || this.#serving) return;
    running.rest ??= outsideTasks(() => setTimeout(() => this.dismiss(), REST)).unref();
  }

  #tell(message: ToObserver): void {
    this.#running?.port.postMessage(message);
  }

  #start(): Running {
    const { port1, port2 } = new workerThreads.MessageChannel();
    const data: ObserverData = {
      threadId: workerThreads.threadId,
      isMainThread: workerThreads.isMainThread,
      command: process.argv,
      level: logger._shared,
      sourceMaps: process.sourceMapsEnabled === true,
    };
    // No flags and no variables of the program's: what they load is not for this thread.
    const { NODE_OPTIONS: _options, UVIO_INSPECT: _inspect, ...env } = process.env;
    const options = {
      name: 'uvio observer',
      workerData: { port: port2, data },
      transferList: [port2],
      execArgv: [],
      env,
    };
    let worker: workerThreads.Worker;
    try {
      worker = outsideTasks(
        () => new workerThreads.Worker(ownFile('inspect/observer_thread.js'), options),
      );
    } catch (cause) {
      port1.close();
      const reason = (cause as Error).message;
      throw new Error(`no thread can be started that watches this one: ${reason}`, { cause });
    }
    const running: Running = { worker, port: port1, rest: null };
    worker.on('error', (error) => {
      log('error', `uvio's observer thread has failed: ${error.message}`);
    });
    worker.on('exit', () => {
      port1.close();
      if (this.#running === running) this.#lost();
    });
    port1.on('message', (message: FromObserver) => {
      if (message.kind === 'done') dismiss(port1);
      else this.#received(message);
    });
    port1.unref();
    worker.unref();
    return running;
  }

  /** The observer has ended by itself: what it watched is not watched any more. */
  #lost(): void {
    if (this.#running?.rest) clearTimeout(this.#running.rest);
    this.#running = null;
    this.#serving = false;
    this.#refused = true;
    for (const [loop, { over }] of this.#watched) {
      if (!over) loop._reactor.wrap.watch(null);
    }
    this.#watched.clear();
  }

  #received(message: Exclude<FromObserver, { kind: 'done' }>): void {
    if (message.kind === 'snapshot') {
      const stalls = [...this.#watched.values()].flatMap((watched) => watched.stalls.known());
      const snapshot = takeSnapshot(stalls);
      this.#tell({ kind: 'snapshot', request: message.request, snapshot });
    } else if (message.kind === 'refused') {
      this.#refuse(message.reason);
    } else {
      for (const [loop, watched] of this.#watched) {
        if (watched.id !== message.loop) continue;
        watched.stalls.reported(message);
        if (watched.over) this.#drop(loop);
      }
      this.#keepWhileDue();
    }
  }

  #refuse(reason: string): void {
    this.#refused = true;
    log('warn', `the process cannot be inspected: ${reason}`);
    this.#serveAsWanted();
  }

  #stallEnded(loop: EventLoop, milliseconds: number): void {
    const watched = this.#watched.get(loop);
    if (watched === undefined || this.#running === null) return;
    // What the observer has found out is there already, as a rule; the process may end now.
    const { port } = this.#running;
    const next = () => workerThreads.receiveMessageOnPort(port);
    for (let one = next(); one; one = next()) this.#received(one.message);
    watched.stalls.ended(milliseconds);
    this.#keepWhileDue();
  }

  /** A total that waits for the observer's half keeps the process alive, for a moment. */
  #keepWhileDue(): void {
    const due = [...this.#watched.values()].some((watched) => watched.stalls.due);
    if (due) this.#running?.port.ref();
    else this.#running?.port.unref();
  }
}

/**
 * Lets an observer end whose sessions are closed, on its side. On this side that is seen to when JavaScript runs, and
 * Node (seen with 20) aborts when the other thread ends in that very moment: so not before the next turn.
 */
function dismiss(port: MessagePort): void {
  setImmediate(() => port.postMessage({ kind: 'close' } satisfies ToObserver));
}

/** Of this thread. */
export const observer = new ThreadObserver();

/** For who registers it, without making it. */
export function threadObserver(): LoopObserver {
  return observer;
}
