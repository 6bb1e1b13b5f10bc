/**
 * What a task remembers in debug mode: where it waits, who cancelled it and from where.
 *
 * Answers to asyncio's Task.get_stack and print_stack. Outside of debug mode only the stack of the exception is
 * known, since taking stacks costs microseconds.
 */

import { checkInteger, checkOptions } from '../util/check.js';
import { runningTask } from './context.js';
import { formatFrame, framesOf, type Printer, type StackFrame, takeStack } from './stacks.js';
import type { Task } from './tasks.js';

/** How many frames. */
export interface StackOptions {
  /** How many frames at most: the newest of where it waits, the oldest of an exception. */
  limit?: number | undefined;
}

/** How many frames, and where to. */
export interface PrintStackOptions extends StackOptions {
  /** What is written to; by default process.stderr. */
  file?: Printer | undefined;
}

/** One call of Task.cancel(). */
export interface CancelRequest {
  /** The task that called; null for a callback or code outside of tasks. */
  by: Task | null;
  /** What cancel() was given. */
  message: unknown;
  /** Where from, the innermost frame first. */
  stack: StackFrame[];
}

export class TaskTrace {
  /** Taken where the task waits. */
  suspendedAt: Error | null = null;
  readonly #cancels: { by: Task | null; message: unknown; taken: Error }[] = [];

  cancelled(message: unknown): void {
    this.#cancels.push({ by: runningTask() as Task | null, message, taken: takeStack() });
  }

  cancelRequests(): CancelRequest[] {
    return this.#cancels.map(({ by, message, taken }) => ({ by, message, stack: framesOf(taken) }));
  }
}

/** Task.getStack(): the oldest frame first. */
export function stackOf(
  task: Task,
  suspendedAt: Error | null,
  options: StackOptions | undefined,
): StackFrame[] {
  checkOptions(options);
  const limit = options?.limit;
  if (limit !== undefined) checkInteger('limit', limit, 0, Number.MAX_SAFE_INTEGER);
  const failed = task.done();
  const frames = framesOf(failed ? exceptionOf(task) : suspendedAt).reverse();
  if (limit === undefined || limit >= frames.length) return frames;
  return failed ? frames.slice(0, limit) : frames.slice(frames.length - limit);
}

/** Task.printStack(). */
export function printStackOf(
  task: Task,
  frames: readonly StackFrame[],
  options: PrintStackOptions | undefined,
): void {
  const exception = exceptionOf(task);
  const lines: string[] = [];
  if (frames.length === 0) lines.push(`No stack for ${task}`);
  else if (exception === null) lines.push(`Stack for ${task} (most recent call last):`);
  else lines.push(`Traceback for ${task} (most recent call last):`);
  for (const frame of frames) lines.push(`  at ${formatFrame(frame)}`);
  if (exception instanceof Error) lines.push(`${exception.name}: ${exception.message}`);
  (options?.file ?? process.stderr).write(`${lines.join('\n')}\n`);
}

/** The exception of a task that failed, or null; nobody has retrieved it by that. */
function exceptionOf(task: Task): unknown {
  return task.done() && !task.cancelled() ? task._peekException() : null;
}
