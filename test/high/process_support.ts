/**
 * What the tests of subprocesses with streams share: shells and python3 programs, and what they say.
 */

import { ok } from 'node:assert/strict';
import { createSubprocessExec, PIPE, type Process, type SubprocessOptions } from 'uvio';

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
