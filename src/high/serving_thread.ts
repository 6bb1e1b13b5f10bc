/**
 * ServingThread: one worker thread as its supervisor sees it, from its start to its end.
 *
 * Invariants: it ends once, and then whoever waits for it is answered; one that was told to drain and has not ended
 * when its time is over is terminated.
 */

import type { MessagePort, WorkerOptions } from 'node:worker_threads';
import * as workerThreads from 'node:worker_threads';
import type { TimerHandle } from '../core/events.js';
import { RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import { ownFile } from '../util/own_file.js';
import type { SupervisorMessage, WorkerMessage, WorkerStart } from './serve_messages.js';
import type { MetricsReport } from './worker_metrics.js';

/** Where a worker is in its life. */
export type WorkerState = 'starting' | 'serving' | 'draining' | 'ended';

/** Whom a thread reports to. */
export interface ThreadOwner {
  threadServes(thread: ServingThread): void;
  threadEnded(thread: ServingThread): void;
}

// What the program's own cleaning up may take after its connections have ended, in milliseconds.
const CLEANUP_TIME = 5000;

export class ServingThread {
  state: WorkerState = 'starting';
  /** What it died of; null when it ended as it was told to, or has not ended. */
  error: Error | null = null;
  /** Whether it was told to end. */
  wasTold = false;
  /** Done when it serves; fails when it ends before. */
  readonly ready: Future<void>;
  readonly #loop: Scheduler;
  readonly #owner: ThreadOwner;
  readonly #worker: workerThreads.Worker;
  readonly #index: number;
  readonly #threadId: number;
  readonly #port: MessagePort;
  /** When it began to serve, in milliseconds of the loop's time. */
  #servingSince: number | null = null;
  readonly #asked = new Map<number, Future<MetricsReport | undefined>>();
  #askedLast = 0;
  #impatience: TimerHandle | null = null;

  /** @throws what the Worker's constructor throws */
  constructor(
    loop: Scheduler,
    owner: ThreadOwner,
    start: Omit<WorkerStart, 'port' | 'data'>,
    options: WorkerOptions,
  ) {
    this.#loop = loop;
    this.#owner = owner;
    this.ready = new Future<void>({ loop });
    // Not everybody who starts one waits for it.
    this.ready.addDoneCallback((ready) => ready.cancelled() || ready.exception());
    const { port1, port2 } = new workerThreads.MessageChannel();
    this.#port = port1;
    const workerData: WorkerStart = { ...start, port: port2, data: options.workerData };
    this.#worker = new workerThreads.Worker(ownFile('high/worker_program.js'), {
      name: `uvio worker ${start.index}`,
      ...options,
      workerData,
      transferList: [port2, ...(options.transferList ?? [])],
    });
    this.#index = start.index;
    this.#threadId = this.#worker.threadId;
    port1.on('message', (message: WorkerMessage) => this.#hear(message));
    this.#worker.on('error', (error: unknown) => {
      this.error = error instanceof Error ? error : new RuntimeError(String(error));
    });
    this.#worker.on('exit', (code) => this.#exited(code));
  }

  /** Which one it is; the thread's number stays known when it has ended. */
  get place(): { index: number; threadId: number } {
    return { index: this.#index, threadId: this.#threadId };
  }

  get hasServed(): boolean {
    return this.#servingSince !== null;
  }

  /** For how many milliseconds it has served; 0 when it has not begun. */
  servedFor(): number {
    return this.#servingSince === null ? 0 : this.#loop.time() - this.#servingSince;
  }

  /**
   * Has it accept no more and end, after `timeout` milliseconds at most; it may be told another time later. One that
   * does not serve yet ends as soon as it has loaded: terminated while it loads, it would leave Node's files open.
   */
  drain(timeout: number): void {
    if (this.state === 'ended') return;
    this.state = 'draining';
    this.wasTold = true;
    this.#tell({ type: 'drain', timeout });
    this.#impatience?.cancel();
    const patience = CLEANUP_TIME + (this.hasServed ? timeout : 0);
    this.#impatience = this.#loop.callLater(patience, () => this.terminate());
  }

  /** Ends it wherever it is. */
  terminate(): void {
    this.wasTold = true;
    if (this.state !== 'ended') this.state = 'draining';
    void this.#worker.terminate();
  }

  /** What its loop has done; undefined when it ends before it answers. */
  metrics(): Future<MetricsReport | undefined> {
    const answer = new Future<MetricsReport | undefined>({ loop: this.#loop });
    if (this.state === 'ended') {
      answer.setResult(undefined);
      return answer;
    }
    const id = ++this.#askedLast;
    this.#asked.set(id, answer);
    answer.addDoneCallback(() => this.#asked.delete(id));
    this.#tell({ type: 'metrics', id });
    return answer;
  }

  #tell(message: SupervisorMessage): void {
    this.#port.postMessage(message);
  }

  #hear(message: WorkerMessage): void {
    if (message.type === 'metrics') {
      const asked = this.#asked.get(message.id);
      if (asked?.done() === false) asked.setResult(message.report);
    } else if (this.state === 'starting') {
      this.state = 'serving';
      this.#servingSince = this.#loop.time();
      if (!this.ready.done()) this.ready.setResult();
      this.#owner.threadServes(this);
    }
  }

  #exited(code: number): void {
    if (this.error === null && !this.wasTold) {
      this.error = new RuntimeError(`the worker ended by itself, with exit code ${code}`);
    }
    this.state = 'ended';
    this.#port.close();
    this.#impatience?.cancel();
    for (const asked of this.#asked.values()) if (!asked.done()) asked.setResult(undefined);
    if (!this.ready.done()) {
      this.ready.setException(
        this.error ?? new RuntimeError('the worker was ended before it served'),
      );
    }
    this.#owner.threadEnded(this);
  }
}
