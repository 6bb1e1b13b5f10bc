/**
 * What the system says of a process: whether it is there, whose it is, and its children.
 *
 * Read from /proc where there is one; elsewhere less is known, and nothing is made up. Nothing here throws.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';

export interface Child {
  pid: number;
  command: string;
}

/** Whether there is a process of that number, whoever it belongs to. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return stateOf(pid) !== 'Z';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The user it belongs to; null when that is not known. */
export function ownerOf(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return null;
  }
}

/** Whether a signal has stopped it. */
export function isStopped(pid: number): boolean {
  const state = stateOf(pid);
  return state === 'T' || state === 't';
}

/** The children that are running, of all its threads. */
export function childrenOf(pid: number): Child[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(' '))
      .filter((child) => child !== '')
      .map((child) => ({ pid: Number(child), command: read(`/proc/${child}/comm`).trim() }));
  } catch {
    return [];
  }
}

/** As in ps: R, S, T, Z …; empty when not known. */
function stateOf(pid: number): string {
  // After the name, which is in brackets and may contain anything.
  return /\) (\w)[^)]*$/.exec(read(`/proc/${pid}/stat`))?.[1] ?? '';
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
