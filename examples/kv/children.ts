/*
 * The child processes of the demonstration. Invariant: a child that has been started is in the set
 * until it is gone, so that `killChildren`, called on the way out, whatever the way, leaves none.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export type Child = ChildProcessByStdio<null, Readable, Readable>;

const children = new Set<Child>();

/** Starts a program, its output and its complaints piped. */
export function startChild(program: string, args: readonly string[]): Child {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** Runs a program to its end; its output, if it ended well. */
export async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const child = startChild(program, args);
  const [output, complaints, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code !== 0) {
    const reason = complaints.trim() || output.trim();
    throw new Error(`${program} ended with ${code ?? signal}: ${reason}`);
  }
  return output;
}

/** Ends, at once, whatever still runs. */
export function killChildren(): void {
  for (const child of children) {
    child.kill('SIGKILL');
  }
}
