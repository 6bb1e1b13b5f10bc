/**
 * Where the errors of a program's tasks end: none may vanish.
 *
 * The error of a task has come to light when somebody awaited the task, when it is in the error of the group that the
 * task belongs to, or when the loop reported it at the end. A task that was given to gather(), wait() and the like
 * is theirs: they may drop what asyncio drops, which only the comparison with asyncio can tell. The same
 * goes for a task that is cancelled when it is done: that means that nobody asks.
 */

import { CancelledError, type Future, type Task, type TaskGroup } from '../../src/index.js';

export class Audit {
  readonly #grouped = new Set<unknown>();
  readonly #excused = new Set<unknown>();
  readonly #awaited = new Set<unknown>();
  readonly #thrown = new Set<unknown>();
  /** The errors of groups' bodies. */
  readonly #ofBodies = new Map<TaskGroup | null, unknown>();

  /** A group has to answer for `task`. */
  grouped(task: Task): void {
    this.#grouped.add(task);
  }

  /** Somebody else answers for `future`, or nobody wants to know. */
  excuse(future: unknown): void {
    this.#excused.add(future);
  }

  /** Awaiting `awaitable` threw `error`. */
  thrown(awaitable: unknown, error: unknown): void {
    this.#thrown.add(error);
    if (error instanceof AggregateError) for (const one of error.errors) this.#thrown.add(one);
    if ((awaitable as Partial<Future>).done?.() === true) this.#awaited.add(awaitable);
  }

  bodyThrew(group: TaskGroup | null, error: unknown): void {
    if (!(error instanceof CancelledError)) this.#ofBodies.set(group, error);
  }

  /** Whether `thrown`, the error of `group`, says nothing of its body's. */
  hasLost(group: TaskGroup, thrown: unknown): boolean {
    if (!this.#ofBodies.has(group)) return false;
    return !(thrown instanceof AggregateError && thrown.errors.includes(this.#ofBodies.get(group)));
  }

  /** What has vanished of the errors of `tasks`. */
  faults(tasks: Iterable<Task>, reported: readonly unknown[]): string[] {
    const faults: string[] = [];
    for (const task of tasks) {
      if (!task.done() || task.cancelled()) continue;
      const error = task.exception();
      if (error === null || this.#awaited.has(task) || this.#excused.has(task)) continue;
      const found = this.#grouped.has(task) ? this.#thrown.has(error) : reported.includes(error);
      if (!found) faults.push(`${error} of ${task.getName()} has vanished`);
    }
    return faults;
  }
}
