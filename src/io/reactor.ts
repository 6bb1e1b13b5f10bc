/**
 * The native loop of one scheduler: turns its events into calls, and sends what a round has written.
 *
 * The functions given to the native side are the only ones it ever calls. Each names the owner of the
 * event; the owner's methods do not throw. At the end of a round every transport that was written to
 * sends once, so that several writes leave in one system call.
 */

import { native } from '../binding/addon.js';
import type { LoopCallbacks, LoopWrap } from '../binding/contract.js';
import type { NativeMetrics } from '../binding/metrics.js';
import { outsideTasks } from '../core/context.js';
import type { Scheduler } from '../core/scheduler.js';
import { AddressBook } from './address_book.js';
import { handleEventName, readName, streamEventName } from './event_names.js';

/** Something that has written in this round. */
export interface Flushable {
  _flush(): void;
}

// Reads of one loop share a region: large enough for one full read of libuv's (64 KiB) after many
// small ones, small enough that a kept slice does not pin much.
const REGION_SIZE = 128 * 1024;
/** Writes of one round up to this size are put together by copying. */
export const STAGING_SIZE = 64 * 1024;

export class Reactor {
  readonly scheduler: Scheduler;
  readonly wrap: LoopWrap;
  /** What the last reads landed in. */
  region: Buffer = Buffer.alloc(0);
  /** Where small writes of one round are put together. */
  readonly staging = Buffer.allocUnsafeSlow(STAGING_SIZE);
  /** Whom datagrams come from and go to. */
  readonly addresses = new AddressBook();
  /** Told how long reported stalls took, by whoever watches the loop. */
  onStallEnded: (milliseconds: number) => void = () => {};
  #lendsMemory = false;
  #written: Flushable[] = [];
  #flushing: Flushable[] = [];

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
    this.wrap = outsideTasks(() => new native.LoopWrap(this.#callbacks(), scheduler._state));
  }

  metrics(reset: boolean): NativeMetrics | undefined {
    return this.wrap.metrics(reset);
  }

  /** Has `flushable` flushed at the end of this round, or of one asked for now. */
  flushLater(flushable: Flushable): void {
    this.#written.push(flushable);
    if (!this.scheduler._isEntered) this.scheduler._requestRound();
  }

  /** Whether what is written now may be in memory that is used again as soon as its writer returns. */
  get lendsMemory(): boolean {
    return this.#lendsMemory;
  }

  /** To be called before a protocol's bufferUpdated(), and takeMemoryBack() after it. */
  lendMemory(): void {
    this.#lendsMemory = true;
  }

  /** What was written meanwhile, to whatever transport, leaves now or is copied. */
  takeMemoryBack(): void {
    if (this.#written.length > 0) this.#flushAll();
    this.#lendsMemory = false;
  }

  #flushAll(): void {
    while (this.#written.length > 0) {
      const flushing = this.#written;
      this.#written = this.#flushing;
      this.#flushing = flushing;
      for (const flushable of flushing) flushable._flush();
      flushing.length = 0;
    }
  }

  #callbacks(): LoopCallbacks {
    const scheduler = this.scheduler;
    return {
      runReady: () => scheduler._runReady(),
      endRound: () => {
        scheduler._enter();
        if (this.#written.length > 0) this.#flushAll();
        scheduler._leave();
      },
      allocateRegion: () => {
        this.region = Buffer.allocUnsafeSlow(REGION_SIZE);
        return this.region;
      },
      read: (owner, size, offset) => {
        scheduler._enter();
        owner.onRead(size, offset);
        scheduler._exit();
        if (scheduler._callsEach) scheduler._watchedEvent(owner, readName(size, 'dataReceived'));
      },
      getBuffer: (owner, sizeHint) => {
        scheduler._enter();
        const buffer = owner.onGetBuffer(sizeHint);
        scheduler._exit();
        if (scheduler._callsEach) scheduler._watchedQuestion(owner, 'getBuffer');
        return buffer;
      },
      bufferUpdated: (owner, size) => {
        scheduler._enter();
        this.lendMemory();
        owner.onBufferUpdated(size);
        this.takeMemoryBack();
        scheduler._exit();
        if (scheduler._callsEach) scheduler._watchedEvent(owner, readName(size, 'bufferUpdated'));
      },
      streamEvent: (owner, event, status, size) => {
        scheduler._enter();
        owner.onStreamEvent(event, status, size);
        scheduler._exit();
        if (scheduler._callsEach) scheduler._watchedEvent(owner, streamEventName(event));
      },
      lookup: (owner, status, answer) => {
        scheduler._enter();
        owner.onLookup(status, answer);
        scheduler._exit();
        if (scheduler._callsEach) scheduler._watchedEvent(owner, 'lookup');
      },
      handleEvent: (owner, kind, value) => {
        scheduler._enter();
        owner.onEvent(kind, value);
        scheduler._exit();
        if (scheduler._callsEach) scheduler._watchedEvent(owner, handleEventName(kind));
      },
      slowCallback: (milliseconds) => scheduler._slowCallback(milliseconds),
      lateTurn: (wanted, waited, count) => scheduler._lateTurn(wanted, waited, count),
      stallEnded: (milliseconds) => this.onStallEnded(milliseconds),
    };
  }
}
