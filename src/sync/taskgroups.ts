/**
 * TaskGroup: asyncio.TaskGroup, tasks that end before the block that started them does.
 *
 * The first error cancels the other tasks and the block; then all errors come out together as an ExceptionGroup.
 * Invariant: whatever happens, the block is left only when every task of the group is done, and the parent's
 * count of cancellations is then what it was, but for those from outside.
 */

import { inspect } from 'node:util';
import { currentTask } from '../core/all_tasks.js';
import { followBody } from '../core/block.js';
import { Coroutine, type CoroutineGenerator } from '../core/coroutines.js';
import { ExceptionGroup } from '../core/exception_group.js';
import { type CancelledError, RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import type { TaskBody } from '../core/task_body.js';
import { createTask } from '../core/task_factory.js';
import type { Task, TaskOptions } from '../core/tasks.js';
import { checkFunction, checkOptions } from '../util/check.js';

/** An async function, a generator function, or any other; its result is the whole's. */
export type TaskGroupBody<T> = (
  group: TaskGroup,
) => CoroutineGenerator<T> | Coroutine<T> | PromiseLike<T> | T;

/** Tasks that end together: asyncio.TaskGroup. Made by taskGroup(). */
export class TaskGroup {
  readonly #tasks = new Set<Task>();
  readonly #errors: unknown[] = [];
  #parent: Task | null = null;
  #entered = false;
  #exiting = false;
  #aborting = false;
  #cancelled = false;
  #parentCancelRequested = false;
  #completed: Future<void> | null = null;

  /**
   * Starts a task that belongs to the group: asyncio's TaskGroup.create_task.
   *
   * @throws RuntimeError before the block, after it, and once the group is shutting down
   */
  createTask<T>(coro: TaskBody<T>, options?: Omit<TaskOptions, 'loop'>): Task<T> {
    checkOptions(options);
    if (!this.#entered) throw new RuntimeError(`TaskGroup ${this} has not been entered`);
    if (this.#exiting && this.#tasks.size === 0)
      throw new RuntimeError(`TaskGroup ${this} is finished`);
    if (this.#aborting) throw new RuntimeError(`TaskGroup ${this} is shutting down`);
    const task = createTask(coro, { ...options, loop: (this.#parent as Task)._loop });
    this.#tasks.add(task as unknown as Task);
    task._addWaiting({ run: () => this.#taskDone(task as unknown as Task) });
    // An eager task may have cancelled the group before it belonged to it.
    if (this.#aborting) task.cancel();
    return task;
  }

  /** Cancels the block and every task; the group then ends without an error of that. */
  cancel(): void {
    this.#cancelled = true;
    if (!this.#entered || (this.#exiting && this.#tasks.size === 0)) return;
    if (!this.#aborting) this.#abort();
    if (!this.#exiting) this.#cancelParent();
  }

  /**
   * Runs `body(group)` in the current task, and waits for the tasks: `async with TaskGroup()`.
   *
   * @returns a coroutine of what the body returns, which runs where it is awaited
   */
  run<T>(body: TaskGroupBody<T>): Coroutine<T> {
    checkFunction('body', body);
    return new Coroutine<T>(this.#taskGroup, this, [body]);
  }

  /** @internal */
  toString(): string {
    const words = [];
    if (this.#tasks.size > 0) words.push(`tasks=${this.#tasks.size}`);
    if (this.#errors.length > 0) words.push(`errors=${this.#errors.length}`);
    if (this.#aborting) words.push('cancelling');
    else if (this.#entered) words.push('entered');
    return `<TaskGroup${words.map((word) => ` ${word}`).join('')}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** The tasks that the parent waits for. @internal */
  _awaits(): Iterable<Task> {
    return this.#tasks;
  }

  *#taskGroup<T>(body: TaskGroupBody<T>): CoroutineGenerator<T | undefined> {
    const parent = this.#enter();
    parent._groups = [...parent._groups, this];
    try {
      if (this.#cancelled) this.cancel();
      let result: T | undefined;
      let failure: { error: unknown } | null = null;
      try {
        result = yield* followBody<T>(body(this));
      } catch (error) {
        failure = { error };
      }
      yield* this.#exit(parent, failure);
      return result;
    } finally {
      parent._groups = parent._groups.filter((group) => group !== this);
    }
  }

  #enter(): Task {
    if (this.#entered) throw new RuntimeError(`TaskGroup ${this} has already been entered`);
    const parent = currentTask();
    if (parent === null)
      throw new RuntimeError(`TaskGroup ${this} cannot determine the parent task`);
    this.#entered = true;
    this.#parent = parent;
    return parent;
  }

  *#exit(parent: Task, failure: { error: unknown } | null): CoroutineGenerator<void> {
    this.#exiting = true;
    // Asked before anything is taken back: of that an AbortError would say nothing any more.
    const ofBody = failure === null ? null : parent._asCancellation(failure.error);
    if (failure !== null && !this.#aborting) this.#abort();
    const meanwhile = yield* this.#tasksDone(parent);
    let cancellation = ofBody ?? meanwhile;
    if (this.#parentCancelRequested && parent.uncancel() === 0) cancellation = null;
    if (failure !== null && ofBody === null) this.#errors.push(failure.error);
    if (this.#errors.length === 0) {
      if (cancellation !== null) throw cancellation;
      return;
    }
    // The cancellation from outside, which the group's error hides, is thrown at the next wait.
    if (parent.cancelling() > 0) {
      parent.uncancel();
      parent.cancel();
    }
    throw new ExceptionGroup('unhandled errors in a TaskGroup', this.#errors);
  }

  /** Waits for every task; the cancellation that began the group's end, else the last one, if any came. */
  *#tasksDone(parent: Task): CoroutineGenerator<CancelledError | null> {
    let first: CancelledError | null = null;
    let last: CancelledError | null = null;
    // Each cancellation of the parent ends one wait.
    while (this.#tasks.size > 0) {
      this.#completed = new Future<void>({ loop: parent._loop });
      try {
        yield* this.#completed;
      } catch (error) {
        last = parent._asCancellation(error);
        if (last === null) throw error;
        if (!this.#aborting) {
          first = last;
          this.#abort();
        }
      }
      this.#completed = null;
    }
    return first ?? last;
  }

  #taskDone(task: Task): void {
    this.#tasks.delete(task);
    const completed = this.#completed;
    if (completed !== null && this.#tasks.size === 0 && !completed.done()) completed.setResult();
    if (task.cancelled()) return;
    const exception = task.exception();
    if (exception === null) return;
    this.#errors.push(exception);
    const parent = this.#parent as Task;
    if (parent.done()) {
      task._loop.callExceptionHandler({
        message: `Task ${task} has errored out but its parent task ${parent} is already completed`,
        exception,
        task,
      });
      return;
    }
    if (!this.#aborting && !this.#parentCancelRequested) {
      this.#abort();
      this.#cancelParent();
    }
  }

  #cancelParent(): void {
    if (this.#parentCancelRequested) return;
    this.#parentCancelRequested = true;
    this.#parent?.cancel();
  }

  #abort(): void {
    this.#aborting = true;
    for (const task of this.#tasks) if (!task.done()) task.cancel();
  }
}

/**
 * Runs `body(group)` in the current task, and waits for the tasks that it made: `async with TaskGroup()`.
 *
 * @returns a coroutine of what the body returns, which runs where it is awaited
 * @throws ExceptionGroup out of the coroutine when a task or the body fails; RuntimeError when that is not
 * awaited inside a task
 */
export function taskGroup<T>(body: TaskGroupBody<T>): Coroutine<T> {
  return new TaskGroup().run(body);
}
