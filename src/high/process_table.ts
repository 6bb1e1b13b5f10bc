/**
 * The processes of the system, as /proc shows them: who is whose parent, and in which group.
 *
 * Each entry is read at a moment of its own, so that the whole is no snapshot; whoever acts on one makes sure that the
 * pid is still the same process, by its start time. Empty where there is no /proc.
 */

import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** In clock ticks since the boot; with the pid it names a process for good. */
  readonly startTime: number;
  /** Whether it has ended, and waits to be reaped. */
  readonly isDead: boolean;
}

/** By pid. */
export type ProcessTable = ReadonlyMap<number, ProcessEntry>;

const hasProc = process.platform === 'linux';
// Hundreds of trees that are ended at a time look at one table.
const LIFETIME = 2; // ms
let latest: { table: ProcessTable; readAt: number } | null = null;

/** All processes, as they were at most a few milliseconds ago. */
export function processTable(): ProcessTable {
  if (latest !== null && performance.now() - latest.readAt < LIFETIME) return latest.table;
  const table = new Map<number, ProcessEntry>();
  for (const name of hasProc ? readdirSync('/proc') : []) {
    const entry = /^\d+$/.test(name) ? processEntry(Number(name)) : null;
    if (entry !== null) table.set(entry.pid, entry);
  }
  latest = { table, readAt: performance.now() };
  return table;
}

/** Null when there is no such process. */
export function processEntry(pid: number): ProcessEntry | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The program's name, in brackets, may hold anything; the third field comes behind it: proc(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): string => fields[number - 3] as string;
  return {
    pid,
    parent: Number(field(4)),
    group: Number(field(5)),
    startTime: Number(field(22)),
    isDead: field(3) === 'Z' || field(3) === 'X',
  };
}

/** Whether `mark` is in the environment with which the process began; false where that may not be read. */
export function carriesMark(entry: ProcessEntry, mark: string): boolean {
  return readText(`/proc/${entry.pid}/environ`)?.includes(mark) ?? false;
}

/** Null when the process has gone, or belongs to somebody else. */
function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
