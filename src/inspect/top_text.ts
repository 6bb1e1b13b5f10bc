/**
 * One picture of `uvio top`: what the loops of a process do, the most important first.
 */

import type { Thread } from './client.js';
import { childrenOf } from './processes.js';
import { ratesOf } from './rates.js';
import { count, milliseconds, plain, table } from './render.js';
import type { LoopSnapshot, ThreadSnapshot } from './snapshot.js';
import {
  connectionRows,
  isResponding,
  processLine,
  tasksText,
  threadLines,
} from './threads_text.js';

const PERCENT = 100;
// So that connections and tasks have room below.
const MOST_SHOWN = 10;

/** The lines; `before` is the answer of the time before. */
export function topLines(
  pid: number,
  before: readonly Thread[],
  threads: readonly Thread[],
): string[] {
  const lines = [processLine(pid, threads)];
  for (const thread of threads) {
    const ofThread = threadLines(thread, (name, loop, index) => [
      `${name}: ${activity(before, thread.threadId, index, loop)}`,
      `  ${contents(loop)}`,
    ]);
    lines.push(...ofThread);
    if (isResponding(thread)) lines.push(...slowestLines(thread));
  }
  lines.push(...childLines(pid), ...connectionLines(threads), ...taskLines(threads));
  return lines;
}

function activity(
  before: readonly Thread[],
  threadId: number,
  index: number,
  loop: LoopSnapshot,
): string {
  const { busy, callbacksPerSecond } = ratesOf(before, threadId, index, loop);
  const parts = [busy === null ? 'busy –' : `busy ${(busy * PERCENT).toFixed(1)} %`];
  if (callbacksPerSecond !== null) parts.push(`${Math.round(callbacksPerSecond)} callbacks/s`);
  if (loop.metrics !== null) {
    const { p99, max } = loop.metrics.callbacks;
    parts.push(`p99 ${milliseconds(p99)}`, `max ${milliseconds(max)}`);
  }
  return parts.join(', ');
}

function contents(loop: LoopSnapshot): string {
  const connections = count(loop.connectionCount, 'connection');
  return `${tasksText(loop)}, ${connections}, ${count(loop.servers.length, 'server')}`;
}

/** What debug mode has logged by name; where it has logged nothing, what the watchdog has reported. */
function slowestLines({ loops, stalls }: ThreadSnapshot): string[] {
  const logged = loops.flatMap(({ slowest }) => slowest);
  const slowest = logged.length > 0 ? logged : stalls;
  if (slowest.length === 0) return [];
  const rows = [...slowest]
    .sort((one, other) => other.milliseconds - one.milliseconds)
    .slice(0, MOST_SHOWN)
    .map((one) => [one.name, milliseconds(one.milliseconds), String(one.count)]);
  return ['', ...table([['SLOWEST', 'LONGEST', 'TIMES'], ...rows])];
}

function childLines(pid: number): string[] {
  const children = childrenOf(pid);
  if (children.length === 0) return [];
  const names = children.map((child) => `${child.pid} ${plain(child.command)}`).join(', ');
  return ['', `${count(children.length, 'child', 'children')}: ${names}`];
}

function connectionLines(threads: readonly Thread[]): string[] {
  const rows = threads
    .filter(isResponding)
    .flatMap((thread) => thread.loops.flatMap(connectionRows));
  const [heading] = rows;
  if (heading === undefined) return [];
  return ['', ...table([heading, ...rows.filter((row) => row[0] !== heading[0])])];
}

function taskLines(threads: readonly Thread[]): string[] {
  const tasks = threads
    .filter(isResponding)
    .flatMap((thread) => thread.loops.flatMap((loop) => loop.tasks));
  if (tasks.length === 0) return [];
  const rows = tasks.map(({ name, state, coroutine }) => [name, state, coroutine]);
  return ['', ...table([['TASK', 'STATE', 'COROUTINE'], ...rows])];
}
