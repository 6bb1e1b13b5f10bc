/**
 * Supervisor: a program served by several worker threads, each with a loop of its own, on sockets that all share.
 *
 * asyncio has none; gunicorn's arbiter, nginx's master and Erlang's supervisors are the models. Invariants: the
 * listening sockets are the supervisor's, from before the first worker's start until no worker can take them up any more, so
 * that whatever happens to workers a connection waits in their queues; when it is closed, every thread has ended.
 */

import { channel } from 'node:diagnostics_channel';
import type { WorkerOptions } from 'node:worker_threads';
import { CancelledError, RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { markOfLibrary } from '../core/leftovers.js';
import { Task } from '../core/tasks.js';
import { showAddress } from '../io/addresses.js';
import type { Server } from '../io/server.js';
import type { EventLoop } from '../loop/event_loop.js';
import { gather } from '../sync/gathering.js';
import { Lock } from '../sync/locks.js';
import { shield } from '../sync/shielding.js';
import { checkDuration, checkOptions } from '../util/check.js';
import { log } from '../util/logger.js';
import { ServingThread, type ThreadOwner, type WorkerState } from './serving_thread.js';
import { metricsOf, type SupervisorMetrics } from './worker_metrics.js';
import { type RestartSettings, type SlotOwner, WorkerSlot } from './worker_slot.js';

export interface SupervisorSettings extends RestartSettings {
  url: string;
  workers: number;
  workerOptions: WorkerOptions;
}

/** How long connections may go on. */
export interface DrainOptions {
  /** Milliseconds for the connections to end by themselves, in place of what serve() was told. */
  drainTimeout?: number;
}

/** A thread of a supervisor, as it is at the moment. */
export interface WorkerInfo {
  /** Its place, from 0. */
  index: number;
  /** That of worker_threads. */
  threadId: number;
  /** Where it is in its life. */
  state: WorkerState;
  /** How often a worker in this place died and was started again. */
  restarts: number;
}

/** What is published on the channel `uvio.worker` when the state of a worker changes. */
export interface PublishedWorker extends WorkerInfo {
  /** Whose worker it is. */
  supervisor: Supervisor<unknown>;
  /** What it died of; null while it lives, and when it ended as it was told to. */
  error: Error | null;
}

const workerChannel = channel('uvio.worker');

/** What serve() returns; it looks after the workers: starts, restarts, reloads and drains them. */
export class Supervisor<A> implements SlotOwner {
  /** Where it listens. */
  readonly addresses: readonly A[];
  readonly #loop: EventLoop;
  /** One for each place, or one for all. */
  readonly #servers: readonly Server<A>[];
  readonly #settings: SupervisorSettings;
  readonly #slots: readonly WorkerSlot[];
  readonly #threads = new Map<ServingThread, WorkerSlot>();
  readonly #reloading = new Lock();
  readonly #closed: Future<void>;
  #closing = false;
  #failure: Error | null = null;
  #ended: () => void = () => {};

  /** Made by serve() only. @internal */
  constructor(loop: EventLoop, servers: readonly Server<A>[], settings: SupervisorSettings) {
    this.#loop = loop;
    this.#servers = servers;
    this.#settings = settings;
    this.addresses = (servers[0]?.sockets ?? []).map((socket) => socket.getsockname());
    this.#closed = new Future<void>({ loop });
    // It is logged, too, and not everybody waits.
    this.#closed.addDoneCallback((closed) => closed.cancelled() || closed.exception());
    const indexes = Array.from({ length: settings.workers }, (_, index) => index);
    this.#slots = indexes.map((index) => new WorkerSlot(loop, index, this, settings));
    loop._dependents.add(this);
  }

  /** @returns a future that is done when every worker serves @internal */
  _start(): Future<unknown> {
    return gather(this.#slots.map((slot) => slot.replace()));
  }

  /** Has `callback` called when it, or its loop, is closed. @internal */
  _whenEnded(callback: () => void): void {
    this.#ended = callback;
  }

  /** The threads, those that drain included. */
  get workers(): readonly WorkerInfo[] {
    return [...this.#threads.keys()].map((thread) => this.#describe(thread));
  }

  /** Whether it accepts connections, and keeps its workers alive. */
  isServing(): boolean {
    return !this.#closing;
  }

  /**
   * Starts the program anew in every worker, one by one: each goes on accepting until its successor does, then lets its
   * connections end, within `drainTimeout`. None is refused and none is lost meanwhile. Calls queue up.
   *
   * @returns a future that is done when every successor serves, while old connections may still drain; it fails with
   *   the error of a successor that did not start, in whose place the old worker goes on
   * @throws RuntimeError when it is closed
   */
  reload(): Future<void> {
    this.#checkOpen();
    const replaceEach = async () => {
      for (const slot of this.#slots) {
        this.#checkOpen();
        await slot.replace();
      }
    };
    const reloading = () => this.#reloading.run(replaceEach);
    return markOfLibrary(new Task<void>(reloading, { loop: this.#loop, eagerStart: true }));
  }

  /**
   * What the loops of the workers have done, one by one and together. A worker that is not there any more does not
   * count, nor one that has not answered within a second.
   */
  metrics(): Future<SupervisorMetrics> {
    const asking = () => metricsOf([...this.#threads.keys()]);
    return markOfLibrary(new Task(asking, { loop: this.#loop, eagerStart: true }));
  }

  /**
   * Stops accepting. Connections may end by themselves within `drainTimeout`, then they are aborted; it may be told
   * another one later, by a second call.
   *
   * @throws TypeError or RangeError
   */
  close(options?: DrainOptions): void {
    checkOptions(options);
    const timeout = options?.drainTimeout ?? this.#settings.drainTimeout;
    checkDuration('drainTimeout', timeout);
    // The threads have been ended with it.
    if (this.#loop.isClosed()) return;
    if (!this.#closing) this.#loop._logLife('info', () => `${this} closes`);
    this.#closing = true;
    for (const slot of this.#slots) slot.cancelRestart();
    for (const thread of this.#threads.keys()) thread.drain(timeout);
    this.#settle();
  }

  /**
   * Done when it is closed and every thread has ended.
   *
   * @returns a future; it fails with what kept a worker from starting, when the supervisor has given up
   */
  waitClosed(): Future<void> {
    return shield(this.#closed);
  }

  /** waitClosed(); cancelling it closes the supervisor, and waits for that. */
  serveForever(): Future<void> {
    const serving = async () => {
      try {
        await this.waitClosed();
      } catch (error) {
        if (error instanceof CancelledError) {
          this.close();
          await this.waitClosed();
        }
        throw error;
      }
    };
    return markOfLibrary(new Task<void>(serving, { loop: this.#loop, eagerStart: true }));
  }

  /** close(), and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.waitClosed();
  }

  toString(): string {
    const addresses = this.addresses.map((address) => showAddress(address));
    return `<Supervisor workers=${this.#slots.length} addresses=(${addresses.join(', ')})>`;
  }

  /** @internal */
  makeThread(slot: WorkerSlot): ServingThread {
    const { url, workerOptions } = this.#settings;
    const sockets = this.#servers[slot.index % this.#servers.length]?.sockets ?? [];
    const descriptors = sockets.map((socket) => socket.fileno());
    const start = { url, index: slot.index, descriptors };
    const thread = new ServingThread(this.#loop, slot as ThreadOwner, start, workerOptions);
    this.#threads.set(thread, slot);
    return thread;
  }

  /** @internal */
  threadChanged(thread: ServingThread): void {
    const info = this.#describe(thread);
    this.#loop._logLife('info', () => `worker ${info.index} of ${this} is ${info.state}`);
    if (thread.state === 'ended') {
      this.#threads.delete(thread);
      this.#settle();
    }
    if (workerChannel.hasSubscribers) {
      workerChannel.publish({ ...info, supervisor: this, error: thread.error });
    }
  }

  /** A worker cannot be started, and trying on would only spin. @internal */
  giveUp(error: Error): void {
    this.#failure ??= error;
    log('error', `${this} gives up: a worker cannot be started`);
    this.close();
  }

  /** @internal */
  loopClosed(): void {
    this.#closing = true;
    this.#ended();
    for (const thread of this.#threads.keys()) thread.terminate();
  }

  /** Closes the sockets when nobody can be about to take them up, and ends when nobody is left. */
  #settle(): void {
    if (!this.#closing || this.#loop.isClosed()) return;
    const threads = [...this.#threads.keys()];
    if (threads.every((thread) => thread.hasServed)) {
      for (const server of this.#servers) server.close();
    }
    if (threads.length > 0 || this.#closed.done()) return;
    this.#loop._dependents.delete(this);
    this.#ended();
    if (this.#failure === null) this.#closed.setResult();
    else this.#closed.setException(this.#failure);
  }

  #describe(thread: ServingThread): WorkerInfo {
    const { restarts = 0 } = this.#threads.get(thread) ?? {};
    return { ...thread.place, state: thread.state, restarts };
  }

  #checkOpen(): void {
    if (this.#closing) throw new RuntimeError(`${this} is closed`);
  }
}
