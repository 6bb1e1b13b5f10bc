/**
 * What the tests of subprocesses share: shells that report themselves, and whether a process lives.
 *
 * A process that is waited for holds a pipe, whose end is the event. No name of a program here is more
 * than POSIX has, but for python3 and git, which the tests need anyway.
 */

import { ok } from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import {
  createSubprocessExec,
  newEventLoop,
  PIPE,
  type Process,
  runProcess,
  type SubprocessOptions,
} from 'uvio';
import { processEntry } from '../../src/high/process_table.js';

/** Whether there is such a process, and it has not ended. */
export function isAlive(pid: number): boolean {
  const entry = processEntry(pid);
  return entry !== null && !entry.isDead;
}

/** `sh -c script`, with a pipe for stdout. */
export function shell(script: string, options?: SubprocessOptions): Promise<Process> {
  const start = createSubprocessExec('sh', ['-c', script], { stdout: PIPE, ...options });
  return Promise.resolve(start);
}

/** The next line of its stdout. */
export async function lineOf(process: Process): Promise<string> {
  const line = await process.lines().next();
  ok(line.done !== true, 'the program ended without a line');
  return line.value as string;
}

/** The pids in a line of its stdout. */
export async function pidsOf(process: Process): Promise<number[]> {
  return (await lineOf(process)).split(' ').map(Number);
}

/** A program of python3. */
export function python(program: string, options?: SubprocessOptions): Promise<Process> {
  const start = createSubprocessExec('python3', ['-c', program], { stdout: PIPE, ...options });
  return Promise.resolve(start);
}

/** What a file holds. */
export function readFrom(path: string, size: number): string {
  const file = openSync(path, 'r');
  try {
    const memory = Buffer.alloc(size);
    return memory.toString('utf8', 0, readSync(file, memory));
  } finally {
    closeSync(file);
  }
}

/** The first start opens a descriptor that stays: to be called before leavesNothingOpen(). */
export function startsPrograms(): void {
  before(async () => {
    const loop = newEventLoop();
    await loop.runUntilComplete(() => runProcess('true'));
    loop.close();
  });
}
