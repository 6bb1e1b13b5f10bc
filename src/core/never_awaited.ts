/**
 * "coroutine 'work' was never awaited": Python's warning for a coroutine that is dropped before it starts.
 *
 * What has not started is in a list of its loop, which it leaves when it starts: two assignments, and no garbage.
 * Whatever is still there after a while is let go, and left to the collector, which tells when nobody can
 * start it any more; at the latest the loop's closing does.
 * Invariant: a list holds a coroutine for two intervals at most; what has started, or can still, is not reported.
 */

import { collectSoon, noLongerWanted } from './collecting.js';
import { outsideTasks } from './context.js';
import { creationOf, formatCreation } from './creation.js';

const SWEEP_INTERVAL = 100; // ms

/** A member of a ring, or its head. */
export interface Unstarted {
  /** Null in no ring. */
  _older: Unstarted | null;
  _newer: Unstarted | null;
}

/** What is told of a coroutine. */
interface Named extends Unstarted {
  readonly name: string;
}

/** A ring of coroutines: a member leaves without knowing which. */
class Ring implements Unstarted {
  _older: Unstarted = this;
  _newer: Unstarted = this;

  get isEmpty(): boolean {
    return this._newer === this;
  }

  /** Puts all members of `other` here. */
  splice(other: Ring): void {
    if (other.isEmpty) return;
    const { _newer: oldest, _older: newest } = other;
    oldest._older = this._older;
    this._older._newer = oldest;
    newest._newer = this;
    this._older = newest;
    other._older = other;
    other._newer = other;
  }

  /** Takes out the oldest member. */
  take(): Named | null {
    if (this.isEmpty) return null;
    const coroutine = this._newer as Named;
    leaveRing(coroutine);
    return coroutine;
  }
}

function leaveRing(coroutine: Unstarted): void {
  const { _older: older, _newer: newer } = coroutine as Ring;
  older._newer = newer;
  newer._older = older;
  coroutine._older = null;
  coroutine._newer = null;
}

/** Those of one loop that have not started. */
export class CoroutineList {
  /** Whether they are reported as soon as nobody holds them. */
  isUrgent = false;
  readonly #young = new Ring();
  readonly #old = new Ring();
  readonly #records = new Set<Unawaited>();
  #isWatched = false;

  add(coroutine: Unstarted): void {
    const newest = this.#young._older;
    coroutine._older = newest;
    coroutine._newer = this.#young;
    newest._newer = coroutine;
    this.#young._older = coroutine;
    if (!this.#isWatched) this.#watch();
  }

  /** Lets go of those that were old already; they are reported when they are collected. */
  age(): void {
    this.#isWatched = false;
    for (let old = this.#old.take(); old !== null; old = this.#old.take()) {
      const record = new Unawaited(old, this.#records);
      recordOf.set(old, record);
      registry.register(old, record, record);
      if (this.isUrgent) collectSoon(record);
    }
    this.#old.splice(this.#young);
    if (!this.#old.isEmpty) this.#watch();
  }

  /** Reports all, now that the loop is about to close. */
  report(): void {
    for (const record of [...this.#records]) record.report();
    this.#old.splice(this.#young);
    for (let old = this.#old.take(); old !== null; old = this.#old.take()) {
      new Unawaited(old, this.#records).report();
    }
  }

  #watch(): void {
    this.#isWatched = true;
    watched.push(this);
    if (watched.length > 1) return;
    outsideTasks(() => setTimeout(sweep, SWEEP_INTERVAL).unref());
  }
}

/** Those that were made outside of any loop. */
export const coroutinesOfNoLoop = new CoroutineList();

/** `coroutine` starts, or is not wanted: nothing is to be told of it. */
export function leaveList(coroutine: Unstarted): void {
  if (coroutine._older !== null) leaveRing(coroutine);
  else recordOf.get(coroutine)?.settle();
}

let watched: CoroutineList[] = [];

function sweep(): void {
  const lists = watched;
  watched = [];
  for (const list of lists) list.age();
}

const registry = new FinalizationRegistry<Unawaited>((record) => record.report());
const recordOf = new WeakMap<object, Unawaited>();

/** Stands in for a coroutine, which the collector must be free to take. */
class Unawaited {
  readonly #name: string;
  readonly #created: string | undefined;
  readonly #records: Set<Unawaited>;

  constructor(coroutine: Named, records: Set<Unawaited>) {
    this.#name = coroutine.name;
    const frames = creationOf(coroutine);
    this.#created = frames && formatCreation('Coroutine', frames);
    this.#records = records;
    records.add(this);
  }

  report(): void {
    this.settle();
    const detail = this.#created === undefined ? {} : { detail: this.#created };
    const message = `coroutine '${this.#name}' was never awaited`;
    process.emitWarning(message, { type: 'RuntimeWarning', ...detail });
  }

  settle(): void {
    this.#records.delete(this);
    registry.unregister(this);
    noLongerWanted(this);
  }
}
