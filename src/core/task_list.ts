/**
 * The tasks of a loop that are not done, which it so keeps alive: asyncio's all_tasks, held strongly.
 *
 * A list through the tasks themselves, because a set of a million costs more than what its members do.
 */

export interface Listed {
  _older: Listed | null;
  _newer: Listed | null;
}

export class TaskList<T extends Listed = Listed> implements Iterable<T> {
  #oldest: T | null = null;
  #newest: T | null = null;

  add(task: T): void {
    const older = this.#newest;
    task._older = older;
    if (older === null) this.#oldest = task;
    else older._newer = task;
    this.#newest = task;
  }

  /** Takes out a task that is in the list. */
  remove(task: T): void {
    const { _older: older, _newer: newer } = task;
    if (older === null) this.#oldest = newer as T | null;
    else older._newer = newer;
    if (newer === null) this.#newest = older as T | null;
    else newer._older = older;
    task._older = null;
    task._newer = null;
  }

  /** From the oldest to the newest; the list must not change meanwhile. */
  *[Symbol.iterator](): Generator<T, void, void> {
    for (let task = this.#oldest; task !== null; task = task._newer as T | null) yield task;
  }
}
