/**
 * Which task is running: carried by AsyncLocalStorage through every await.
 *
 * A callback of the loop (Handle, protocol method) runs in no task, although the async context that
 * it was made in may have been a task's: `enterCallback` hides it for the callback's synchronous part.
 */

import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { checkFunction } from '../util/check.js';
import type { Scheduler } from './scheduler.js';

/** What futures know of tasks. */
export interface TaskContext {
  readonly _loop: Scheduler;
  done(): boolean;
}

const storage = new AsyncLocalStorage<TaskContext>();

/** What AsyncLocalStorage.snapshot() returns. */
export type ContextSnapshot = <R>(callback: () => R) => R;

let callbacks = 0;

export function enterCallback(): void {
  callbacks++;
}

export function leaveCallback(): void {
  callbacks--;
}

/** The task of the step under way, which the storage knows too, but takes longer to say. */
let stepping: TaskContext | null = null;

/** The task whose code is running, or null. */
export function runningTask(): TaskContext | null {
  if (callbacks > 0) return null;
  const task = stepping ?? storage.getStore();
  return task === undefined || task.done() ? null : task;
}

/** Calls `make` where `task` is the running one: in the caller's context, or in that of `snapshot`. */
export function insideTask<A, R>(
  task: TaskContext,
  snapshot: ContextSnapshot | undefined,
  make: (argument: A) => R,
  argument: A,
): R {
  if (snapshot === undefined) return withTask(task, make, argument);
  return inContext(snapshot, () => withTask(task, make, argument));
}

// Since Node 24 storage.run() makes a map on the way in and another on the way out; a resource's scope brings
// the old one back for nothing. Before that storage.run() is the cheaper one.
const HAS_FRAMES = Number(process.versions.node.split('.')[0]) >= 24;

function withTask<A, R>(task: TaskContext, make: (argument: A) => R, argument: A): R {
  if (!HAS_FRAMES) return storage.run(task, make, argument);
  return new AsyncResource('uvio.Task').runInAsyncScope(
    enterAndMake<A, R>,
    undefined,
    task,
    make,
    argument,
  );
}

function enterAndMake<A, R>(task: TaskContext, make: (argument: A) => R, argument: A): R {
  storage.enterWith(task);
  return make(argument);
}

/** Runs `make` in the caller's context, or in that of `snapshot`. */
export function inContext<R>(snapshot: ContextSnapshot | undefined, make: () => R): R {
  if (snapshot === undefined) return make();
  checkFunction('context', snapshot);
  return snapshot(make);
}

/** Runs a task's step, which may be called from inside a callback or another step (eager start). */
export function runInTask<R>(
  task: TaskContext,
  scope: AsyncResource,
  step: () => R,
  receiver: unknown,
): R {
  const outerCallbacks = callbacks;
  const outerTask = stepping;
  callbacks = 0;
  stepping = task;
  try {
    return scope.runInAsyncScope(step, receiver);
  } finally {
    callbacks = outerCallbacks;
    stepping = outerTask;
  }
}

/** Runs `make` in no task: what outlives the task must not carry it along. */
export function outsideTasks<R>(make: () => R): R {
  const outerTask = stepping;
  stepping = null;
  try {
    return storage.exit(make);
  } finally {
    stepping = outerTask;
  }
}
