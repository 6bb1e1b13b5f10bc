/**
 * "coroutine 'work' was never awaited": Python's warning for a coroutine that is dropped before it starts.
 *
 * What has not started is in a list of its loop, which it leaves when it starts: two assignments, and no garbage.
 * Whatever is still there after a while is let go, and left to the collector, which tells when nobody can
 * start it any more; at the latest the loop's closing does.
 * Invariant: the list holds a coroutine for SWEEP_INTERVAL at most, a record never.
 */

import { collectSoon, noLongerWanted } from './collecting.js';
import { outsideTasks } from './context.js';
import { creationOf, formatCreation } from './creation.js';

const SWEEP_INTERVAL = 100; // ms

/** A member of a list, or its head. */
export interface Unstarted {
  /** Null in no list. */
  _older: Unstarted | null;
  _newer: Unstarted | null;
}

/** What is told of a coroutine. */
interface Named extends Unstarted {
  readonly name: string;
}

/** Those of one loop that have not started and are young. */
export class CoroutineList implements Unstarted {
  _older: Unstarted | null = this;
  _newer: Unstarted | null = this;
  /** Those that were let go. */
  readonly #records = new Set<Unawaited>();
  /** Whether they are reported as soon as nobody holds them. */
  isUrgent = false;
  #isFilled = false;

  add(coroutine: Unstarted): void {
    const newest = this._older as Unstarted;
    coroutine._older = newest;
    coroutine._newer = this;
    newest._newer = coroutine;
    this._older = coroutine;
    if (this.#isFilled) return;
    this.#isFilled = true;
    filled.push(this);
    if (filled.length === 1) sweepLater();
  }

  /** Lets its members go; each is reported when it is collected. */
  letGo(): void {
    this.#isFilled = false;
    for (const coroutine of this.#take()) {
      const record = new Unawaited(coroutine, this.#records);
      recordOf.set(coroutine, record);
      registry.register(coroutine, record, coroutine);
      if (this.isUrgent) collectSoon(record);
    }
  }

  /** Reports all, now that the loop is about to close. */
  report(): void {
    for (const record of [...this.#records]) record.report();
    for (const coroutine of this.#take()) new Unawaited(coroutine, this.#records).report();
  }

  *#take(): Generator<Named> {
    let next = this._newer as Unstarted;
    this._older = this;
    this._newer = this;
    while (next !== this) {
      const coroutine = next as Named;
      next = coroutine._newer as Unstarted;
      coroutine._older = null;
      coroutine._newer = null;
      yield coroutine;
    }
  }
}

/** `coroutine` starts, or is not wanted: nothing is to be told of it. */
export function leaveList(coroutine: Unstarted): void {
  const older = coroutine._older;
  if (older === null) {
    recordOf.get(coroutine)?.settle();
    return;
  }
  const newer = coroutine._newer as Unstarted;
  older._newer = newer;
  newer._older = older;
  coroutine._older = null;
  coroutine._newer = null;
}

/** Those that were made outside of any loop. */
export const coroutinesOfNoLoop = new CoroutineList();

let filled: CoroutineList[] = [];

function sweepLater(): void {
  outsideTasks(() => setTimeout(sweep, SWEEP_INTERVAL).unref());
}

function sweep(): void {
  const lists = filled;
  filled = [];
  for (const list of lists) list.letGo();
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
    noLongerWanted(this);
  }
}
