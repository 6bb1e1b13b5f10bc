/**
 * WorkerSlot: the place of one worker of a supervisor, in which threads follow each other.
 *
 * One that dies is started again, after a delay that doubles with each death in a row. As with Erlang's supervisors, one
 * that cannot even start ends the whole. Invariant: a thread goes on serving until its successor does, so that a
 * reload that fails changes nothing.
 */

import type { TimerHandle } from '../core/events.js';
import type { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import { log } from '../util/logger.js';
import type { ServingThread, ThreadOwner } from './serving_thread.js';

/** Times are milliseconds. */
export interface RestartSettings {
  drainTimeout: number;
  restartDelay: number;
  maxRestartDelay: number;
  stableTime: number;
  maxFailedStarts: number;
}

/** The supervisor, as its slots see it. */
export interface SlotOwner {
  makeThread(slot: WorkerSlot): ServingThread;
  threadChanged(thread: ServingThread): void;
  giveUp(error: Error): void;
}

export class WorkerSlot implements ThreadOwner {
  readonly index: number;
  /** How often a thread was started because the one before had died. */
  restarts = 0;
  readonly #loop: Scheduler;
  readonly #owner: SlotOwner;
  readonly #settings: RestartSettings;
  /** The one that serves, and the one that is to take its place. */
  #current: ServingThread | null = null;
  #next: ServingThread | null = null;
  #timer: TimerHandle | null = null;
  #hasServed = false;
  /** In a row: deaths, and starts that came to nothing. */
  #deaths = 0;
  #failedStarts = 0;

  constructor(loop: Scheduler, index: number, owner: SlotOwner, settings: RestartSettings) {
    this.#loop = loop;
    this.index = index;
    this.#owner = owner;
    this.#settings = settings;
  }

  /**
   * Starts a thread, which takes the place of the one that serves as soon as it serves itself.
   *
   * @returns a future that is done then, or fails with what it died of
   */
  replace(): Future<void> {
    this.cancelRestart();
    const next = this.#owner.makeThread(this);
    // One that was still starting may have loaded what has changed since.
    this.#next?.drain(0);
    this.#next = next;
    return next.ready;
  }

  cancelRestart(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  threadServes(thread: ServingThread): void {
    this.#current?.drain(this.#settings.drainTimeout);
    this.#current = thread;
    this.#next = null;
    this.#hasServed = true;
    this.#failedStarts = 0;
    this.#owner.threadChanged(thread);
  }

  threadEnded(thread: ServingThread): void {
    const wasNext = thread === this.#next;
    const wasCurrent = thread === this.#current;
    if (wasNext) this.#next = null;
    if (wasCurrent) this.#current = null;
    if (thread.wasTold) {
      // Of one that had not served yet, others have told the reason, or nobody wants to know.
      if (thread.error !== null && thread.hasServed) this.#report(thread, 'failed while it ended');
    } else if (wasCurrent) {
      this.#died(thread);
    } else if (wasNext && this.#current === null) {
      this.#startFailed(thread);
    }
    this.#owner.threadChanged(thread);
  }

  #startFailed(thread: ServingThread): void {
    this.#failedStarts++;
    const patience = this.#hasServed ? this.#settings.maxFailedStarts : 1;
    if (this.#failedStarts < patience) this.#died(thread);
    else this.#owner.giveUp(thread.error as Error);
  }

  #died(thread: ServingThread): void {
    if (this.#next !== null) {
      this.#report(thread, 'died, and a successor is on its way');
      return;
    }
    const { restartDelay, maxRestartDelay, stableTime } = this.#settings;
    if (thread.servedFor() >= stableTime) this.#deaths = 0;
    const delay = Math.min(restartDelay * 2 ** this.#deaths, maxRestartDelay);
    this.#deaths++;
    this.#report(thread, `died, and starts again in ${delay} ms`);
    this.#timer = this.#loop.callLater(delay, () => this.#restart());
  }

  #restart(): void {
    this.restarts++;
    try {
      this.replace();
    } catch (error) {
      this.#owner.giveUp(error as Error);
    }
  }

  #report(thread: ServingThread, what: string): void {
    log('error', `worker ${this.index} ${what}: ${thread.error?.stack ?? thread.error}`);
  }
}
