/**
 * `uvio ps`: the tasks, servers and connections of a process, as asyncio's `python -m asyncio ps` shows tasks.
 */

import type { Thread } from './client.js';
import { childrenOf } from './processes.js';
import { amounts, milliseconds, plain, table } from './render.js';
import type { LoopSnapshot, TaskSnapshot } from './snapshot.js';
import {
  blockedLines,
  connectionRows,
  isResponding,
  loopName,
  processLine,
  tasksText,
  threadName,
} from './threads_text.js';

export function psText(pid: number, threads: readonly Thread[]): string {
  const lines = [processLine(pid, threads)];
  for (const thread of threads) {
    lines.push('');
    if (!isResponding(thread)) lines.push(...blockedLines(thread));
    else if (thread.loops.length === 0)
      lines.push(`${threadName(thread.threadId)}: no loop is open`);
    else {
      thread.loops.forEach((loop, index) => {
        lines.push(...loopLines(loopName(thread.threadId, index), loop));
      });
    }
  }
  const children = childrenOf(pid);
  if (children.length > 0) {
    lines.push(
      '',
      ...table([['CHILD', 'COMMAND'], ...children.map((one) => [String(one.pid), one.command])]),
    );
  }
  return lines.join('\n');
}

function loopLines(name: string, loop: LoopSnapshot): string[] {
  const lines = [`${name}: ${loop.running ? 'running' : 'idle'}, ${tasksText(loop)}`];
  const { metrics } = loop;
  if (metrics !== null) {
    const { count, p50, p99, max } = metrics.callbacks;
    lines.push(
      `  ${metrics.turns} turns, ${count} callbacks: median ${milliseconds(p50)}, p99 ${milliseconds(p99)}, max ${milliseconds(max)}`,
    );
  }
  const handles = amounts(loop.handles);
  if (handles !== '') lines.push(`  open: ${handles}`);
  for (const { address } of loop.servers) lines.push(`  server on ${plain(address)}`);
  const tables = [taskRows(loop.tasks), connectionRows(loop)];
  for (const rows of tables) for (const row of table(rows)) lines.push(`  ${row}`);
  return lines;
}

function taskRows(tasks: readonly TaskSnapshot[]): string[][] {
  if (tasks.length === 0) return [];
  const names = new Map(tasks.map((task) => [task.id, task.name]));
  const rows = tasks.map((task) => {
    const awaited = task.awaits.map((id) => names.get(id) as string);
    const waits = awaited.length > 0 ? awaited : task.waitsFor;
    return [task.name, task.state, task.coroutine, waits.join(', '), placeOf(task)];
  });
  return [['TASK', 'STATE', 'COROUTINE', 'WAITS FOR', 'AT'], ...rows];
}

/** Where it waits, else where it was made, as far as that is known. */
function placeOf({ stack, created }: TaskSnapshot): string {
  const frame = stack[0];
  if (frame !== undefined) return `${frame.fileName}:${frame.lineNumber}`;
  return created === undefined ? '' : `created at ${created}`;
}
