/**
 * Who waits for whom: asyncio's call graph introspection (Python 3.14).
 *
 * Nothing is recorded for it while the program runs: a task knows what it waits for, and so do gather, shield, wait and
 * groups; the graph turns these links round when it is asked for.
 */

import { checkInteger, checkOptions, typeError } from '../util/check.js';
import { currentTask } from './all_tasks.js';
import type { AnyFuture } from './awaiter.js';
import { type Future, isFuture } from './futures.js';
import { formatFrame, framesOf, type Printer, type StackFrame, takeStack } from './stacks.js';
import { Task } from './tasks.js';

/** A future or task, where it stands, and who waits for it: asyncio.FutureCallGraph. */
export interface FutureCallGraph {
  /** Whose graph it is. */
  future: Future;
  /** The innermost frame first; known in debug mode, and of the running task. */
  callStack: StackFrame[];
  /** Who waits for it. */
  awaitedBy: FutureCallGraph[];
}

/** How much of the graph is captured. */
export interface CallGraphOptions {
  /** How many frames of each stack at most; a negative number takes the outermost ones. */
  limit?: number | undefined;
}

/** How much is printed, and where. */
export interface PrintCallGraphOptions extends CallGraphOptions {
  /** What is written to; by default process.stdout. */
  file?: Printer | undefined;
}

/**
 * The graph above `future`, by default the running task: asyncio.capture_call_graph.
 *
 * @returns null when there is no future given and no task running
 * @throws TypeError
 */
export function captureCallGraph(
  future?: Future<never> | Future | null,
  options?: CallGraphOptions,
): FutureCallGraph | null {
  checkOptions(options);
  const { limit = Number.MAX_SAFE_INTEGER } = options ?? {};
  checkInteger('limit', limit, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const start = future ?? currentTask();
  if (start === null) return null;
  if (!isFuture(start)) throw typeError('future', 'a Future or a Task', start);
  const waiters = waitersOf(start._loop._tasks as Iterable<Task>);
  return graphOf(start, waiters, limit, new Set());
}

/**
 * The graph as text, in asyncio's form; empty when there is none: asyncio.format_call_graph. As captureCallGraph().
 *
 * @throws TypeError
 */
export function formatCallGraph(
  future?: Future<never> | Future | null,
  options?: CallGraphOptions,
): string {
  const graph = captureCallGraph(future, options);
  return graph === null ? '' : render(graph, '').join('\n');
}

/**
 * Writes what formatCallGraph() gives, to stdout unless `file` says otherwise: asyncio.print_call_graph.
 *
 * @throws TypeError
 */
export function printCallGraph(
  future?: Future<never> | Future | null,
  options?: PrintCallGraphOptions,
): void {
  const text = formatCallGraph(future, options);
  (options?.file ?? process.stdout).write(`${text}\n`);
}

/** Of each future that a task waits for, the tasks that do. */
function waitersOf(tasks: Iterable<Task>): Map<AnyFuture, Set<Task>> {
  const waiters = new Map<AnyFuture, Set<Task>>();
  for (const task of tasks) {
    for (const future of reach(task)) {
      const others = waiters.get(future);
      if (others === undefined) waiters.set(future, new Set([task]));
      else others.add(task);
    }
  }
  return waiters;
}

/** What a task waits for, through gather and its like but not through other tasks. */
function reach(task: Task): Set<AnyFuture> {
  const found = new Set<AnyFuture>();
  const follow = (futures: Iterable<AnyFuture>): void => {
    for (const future of futures) {
      const root = future._root;
      if (found.has(root)) continue;
      found.add(root);
      if (!(root instanceof Task)) follow(root._awaits());
    }
  };
  follow(task._awaits());
  return found;
}

/** The tasks that `task` waits for, through gather and its like. */
export function tasksAwaitedBy(task: Task): Task[] {
  return [...reach(task)].filter((future): future is Task => future instanceof Task);
}

function graphOf(
  future: Future,
  waiters: ReadonlyMap<AnyFuture, Set<Task>>,
  limit: number,
  below: ReadonlySet<Future>,
): FutureCallGraph {
  // Tasks that wait for each other in a ring appear once.
  const path = new Set(below).add(future);
  const above = [...(waiters.get(future) ?? [])].filter((task) => !path.has(task));
  return {
    future,
    callStack: stackOf(future, limit),
    awaitedBy: above.map((task) => graphOf(task, waiters, limit, path)),
  };
}

function stackOf(future: Future, limit: number): StackFrame[] {
  let frames: StackFrame[] = [];
  if (future === currentTask()) frames = framesOf(takeStack());
  else if (future instanceof Task && !future.done()) frames = future.getStack().reverse();
  return limit >= 0 ? frames.slice(0, limit) : frames.slice(limit);
}

function render(graph: FutureCallGraph, indent: string): string[] {
  const { future, callStack, awaitedBy } = graph;
  const name = future instanceof Task ? `Task(name='${future.getName()}')` : 'Future()';
  const lines = [`${indent}* ${name}`];
  if (callStack.length > 0) lines.push(`${indent}  + Call stack:`);
  for (const frame of callStack) lines.push(`${indent}  |   ${formatFrame(frame)}`);
  if (awaitedBy.length > 0) lines.push(`${indent}  + Awaited by:`);
  for (const above of awaitedBy) lines.push(...render(above, `${indent}    `));
  return lines;
}
