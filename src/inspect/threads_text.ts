/**
 * What `ps`, `pstree` and `top` say alike of a process and its threads.
 */

import { basename } from 'node:path';
import type { Thread } from './client.js';
import { count, memory, plain, seconds } from './render.js';
import type { Blocked, Failed, LoopSnapshot, TaskState, ThreadSnapshot } from './snapshot.js';
import { formatBlockedFrame, formatSeconds } from './stall_text.js';

export function isResponding(thread: Thread): thread is { threadId: number } & ThreadSnapshot {
  return thread.state === 'responding';
}

/** The process, as a whole. */
export function processLine(pid: number, threads: readonly Thread[]): string {
  // Worker threads have arguments of their own; the main thread comes first.
  const [known] = threads;
  if (known === undefined) return `process ${pid}`;
  const [program = '', ...rest] = known.command;
  const command = plain([basename(program), ...rest].join(' '));
  return `process ${pid}: ${command}, Node ${plain(known.node)}, up ${seconds(known.uptime)}, ${memory(known.memory)}`;
}

export function threadName(threadId: number): string {
  return threadId === 0 ? 'main thread' : `worker thread ${threadId}`;
}

/** `main thread, loop 1`. */
export function loopName(threadId: number, index: number): string {
  return `${threadName(threadId)}, loop ${index + 1}`;
}

/** A thread that does not answer, with its stack, or has failed to. */
export function blockedLines(thread: { threadId: number } & (Blocked | Failed)): string[] {
  const name = threadName(thread.threadId);
  if (thread.state === 'failed') return [`${name} failed to answer: ${plain(thread.reason)}`];
  const { state, milliseconds, inCallback, stack, missing } = thread;
  if (state === 'stopped') return [`${name} was stopped by a debugger`];
  const by = inCallback ? 'in a callback of its loop' : 'outside of the callbacks of its loops';
  const lines = [`${name} is blocked ${by}, for ${formatSeconds(milliseconds)} seconds at least`];
  for (const frame of stack) lines.push(`  at ${plain(formatBlockedFrame(frame))}`);
  if (missing !== undefined) lines.push(`  (no stack: ${plain(missing)})`);
  return lines;
}

/** Of each loop of a thread its lines below its name; or why the thread does not answer. */
export function threadLines(
  thread: Thread,
  loopLines: (name: string, loop: LoopSnapshot, index: number) => string[],
): string[] {
  if (!isResponding(thread)) return ['', ...blockedLines(thread)];
  return thread.loops.flatMap((loop, index) => [
    '',
    ...loopLines(loopName(thread.threadId, index), loop, index),
  ]);
}

/** `3 tasks (2 waiting, 1 ready)`. */
export function tasksText(loop: LoopSnapshot): string {
  const states: Partial<Record<TaskState, number>> = {};
  for (const { state } of loop.tasks) states[state] = (states[state] ?? 0) + 1;
  const parts = Object.entries(states).map(([state, amount]) => `${amount} ${state}`);
  const more = loop.taskCount - loop.tasks.length;
  if (more > 0) parts.push(`${more} more`);
  const total = count(loop.taskCount, 'task');
  return parts.length === 0 ? total : `${total} (${parts.join(', ')})`;
}

/** The table of connections, with its heading; nothing when there are none. */
export function connectionRows(loop: LoopSnapshot): string[][] {
  if (loop.connections.length === 0) return [];
  const rows = loop.connections.map(
    ({ transport, protocol, local, peer, writeBuffer, reading }) => [
      transport,
      protocol,
      local,
      peer,
      reading ? 'reading' : 'paused',
      String(writeBuffer),
    ],
  );
  return [['CONNECTION', 'PROTOCOL', 'LOCAL', 'PEER', 'STATE', 'TO WRITE'], ...rows];
}
