/**
 * What a process has started, and they in turn: what `killTree` ends beside it. POSIX has no name for that.
 *
 * A process belongs to the tree that is in the group of the first one, has an ancestor in the tree, or has the tree's
 * mark in its environment. It gets lost only if it leaves the group, loses its parents and clears its environment. The host
 * is not made a subreaper: it would have to reap children of which it knows nothing.
 * Invariant: a signal reaches a process of the tree or nobody, though pids are used again.
 */

import { native } from '../binding/addon.js';
import { signalNumber } from '../io/signals.js';
import {
  carriesMark,
  type ProcessEntry,
  type ProcessTable,
  processEntry,
  processTable,
} from './process_table.js';

const SIGKILL = signalNumber('SIGKILL');
// How often those are looked for that the tree has started while it was killed.
const KILLING_PASSES = 10;

export class ProcessTree {
  readonly #pid: number;
  readonly #mark: string;
  /** Of the first process; undefined where that is not known. */
  readonly #startTime: number | undefined;
  /** The start times of those that were found before, by pid. */
  #known: ReadonlyMap<number, number> = new Map();

  /**
   * @param pid of a child that has not been reaped
   * @param mark what is in its environment and in no other
   */
  constructor(pid: number, mark: string) {
    this.#pid = pid;
    this.#mark = mark;
    this.#startTime = processEntry(pid)?.startTime;
  }

  /** Those that live, without the first one. Linux only; elsewhere none is found. */
  members(): ProcessEntry[] {
    const table = processTable();
    const answers = new Map<number, boolean>();
    const belongs = (entry: ProcessEntry): boolean => {
      let answer = answers.get(entry.pid);
      if (answer === undefined) {
        answers.set(entry.pid, false); // parents may form a ring: they were read at different moments
        const parent = table.get(entry.parent);
        answer = this.#isOwn(entry, table) || (parent !== undefined && belongs(parent));
        answers.set(entry.pid, answer);
      }
      return answer;
    };
    const members: ProcessEntry[] = [];
    for (const entry of table.values()) {
      if (entry.pid !== this.#pid && belongs(entry) && !entry.isDead) members.push(entry);
    }
    this.#known = new Map(members.map(({ pid, startTime }) => [pid, startTime]));
    return members;
  }

  /**
   * Sends a signal to each of members(); to those in the first one's group only if that was not signalled as a whole.
   * Processes that have changed their user may be out of reach.
   */
  signal(number: number, isGroupSignalled: boolean): void {
    for (const { pid, group, startTime } of this.members()) {
      if (isGroupSignalled && group === this.#pid) continue;
      native.signalProcess(pid, startTime, number);
    }
  }

  /** Kills all of members(), and at once: for who cannot look after them any more. */
  killAll(): void {
    const killed = new Set<number>();
    for (let pass = 0; pass < KILLING_PASSES; pass++) {
      const found = this.members().filter(({ pid }) => !killed.has(pid));
      if (found.length === 0) return;
      for (const { pid, startTime } of found) {
        killed.add(pid);
        native.signalProcess(pid, startTime, SIGKILL);
      }
    }
  }

  /** Whether the entry is one by itself, whatever its parent is. */
  #isOwn(entry: ProcessEntry, table: ProcessTable): boolean {
    const { pid, startTime } = entry;
    if (pid === this.#pid) return startTime === this.#startTime;
    // What is older than the first process was not started by it.
    if (this.#startTime !== undefined && startTime < this.#startTime) return false;
    if (this.#known.get(pid) === startTime) return true;
    return this.#isInGroup(entry, table) || carriesMark(entry, this.#mark);
  }

  /** A number is a pid again only when no process is left in the group of that number. */
  #isInGroup(entry: ProcessEntry, table: ProcessTable): boolean {
    if (entry.group !== this.#pid) return false;
    const leader = table.get(this.#pid);
    return leader === undefined || leader.startTime === this.#startTime;
  }
}
