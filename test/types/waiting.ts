/**
 * What the compiler infers of gather(), wait() and the others that wait. Checked by tsc, never called.
 */

import {
  ALL_COMPLETED,
  asCompleted,
  type CoroutineGenerator,
  coroutine,
  createTask,
  type Future,
  gather,
  shield,
  sleep,
  type Task,
  TaskGroup,
  type Timeout,
  taskGroup,
  timeout,
  timeoutAt,
  wait,
  waitFor,
} from '../../src/index.js';
import { expectType } from './expect.js';

declare const future: Future<number>;
declare const task: Task<string>;
declare const promise: Promise<boolean>;
declare const either: Future<number> | Promise<string>;
declare const generator: CoroutineGenerator<Date>;
const work = coroutine(async () => ({ size: 1 }));

export async function gathering(): Promise<void> {
  expectType<[number, string]>()(await gather([future, task]));
  const all = gather([future, task, promise, generator, work()]);
  expectType<Future<[number, string, boolean, Date, { size: number }]>>()(all);
  expectType<number[]>()(await gather([1, 2, 3].map((count) => sleep(1, count))));
  expectType<string[]>()(await gather([] as Task<string>[]));
  expectType<(number | string)[]>()(await gather([] as (Future<number> | Task<string>)[]));
  expectType<[number | string]>()(await gather([either]));
  expectType<[]>()(await gather([]));
  // @ts-expect-error: not an array
  gather(5);
  // @ts-expect-error: not one by one
  gather(future, task);
  // @ts-expect-error: a member that is nothing to wait for
  gather([future, 5]);
  // @ts-expect-error: a function is no awaitable
  gather([async () => 1]);
  // @ts-expect-error: no such option
  gather([future], { returnExceptoins: true });
}

export async function waitingFor(): Promise<void> {
  expectType<number>()(await waitFor(future, 5));
  expectType<Future<string>>()(waitFor(task, null));
  expectType<Future<boolean>>()(waitFor(promise, 5));
  expectType<Future<Date>>()(waitFor(generator, 5));
  expectType<Future<{ size: number }>>()(waitFor(work(), 5));
  expectType<Future<number | string>>()(waitFor(either, 5));
  // @ts-expect-error: milliseconds
  waitFor(future, '5');
  // @ts-expect-error: the time is required; null waits for ever
  waitFor(future);
  // @ts-expect-error: nothing to wait for
  waitFor(5, 5);
}

export async function waiting(): Promise<void> {
  const numbers = new Set([createTask(async () => 1)]);
  const { done, pending } = await wait(numbers);
  expectType<Set<Task<number>>>()(done);
  expectType<Set<Task<number>>>()(pending);
  const mixed = await wait([future, task], { returnWhen: ALL_COMPLETED, timeout: 5 });
  expectType<Set<Future<number> | Task<string>>>()(mixed.done);
  expectType<Set<Future<number>>>()((await wait([future])).done);
  // @ts-expect-error: a promise is no future
  wait([promise]);
  // @ts-expect-error: which of the two would it be
  wait([work()]);
  // @ts-expect-error: an iterable of futures
  wait(future);
  // @ts-expect-error: none of the three
  wait([future], { returnWhen: 'FIRST' });
}

export async function completing(): Promise<void> {
  for await (const done of asCompleted([future])) expectType<Future<number>>()(done);
  for await (const done of asCompleted([task])) expectType<Task<string>>()(done);
  for await (const done of asCompleted([future, task])) {
    expectType<Future<number> | Task<string>>()(done);
  }
  for await (const done of asCompleted([work()])) expectType<Task<{ size: number }>>()(done);
  for await (const done of asCompleted([generator])) expectType<Task<Date>>()(done);
  for await (const done of asCompleted([promise])) expectType<Future<boolean>>()(done);
  for await (const done of asCompleted(new Set([task]), { timeout: 5 })) {
    expectType<string>()(done.result());
  }
  for (const next of asCompleted([future, task])) {
    expectType<Future<number | string>>()(next);
    expectType<number | string>()(await next);
  }
  for (const next of asCompleted([work()])) expectType<Future<{ size: number }>>()(next);
  // @ts-expect-error: an iterable
  asCompleted(future);
  // @ts-expect-error: a member that is nothing to wait for
  asCompleted([5]);
}

export function shielding(): void {
  expectType<Future<number>>()(shield(future));
  expectType<Future<string>>()(shield(task));
  expectType<Future<{ size: number }>>()(shield(work()));
  expectType<Future<Date>>()(shield(generator));
  expectType<Future<boolean>>()(shield(promise));
  // @ts-expect-error: nothing to wait for
  shield(5);
}

export async function timeouts(): Promise<void> {
  expectType<number>()(await timeout(5, async () => 7));
  expectType<void>()(await timeout(null, async () => {}));
  expectType<number>()(await timeout(5, () => future));
  expectType<{ size: number }>()(await timeout(5, () => work()));
  expectType<string>()(
    await timeout(5, function* (scope) {
      expectType<Timeout>()(scope);
      return yield* task;
    }),
  );
  expectType<number>()(await timeoutAt(5, async (scope) => scope.when() ?? 0));
  // @ts-expect-error: milliseconds
  timeout('5', async () => 7);
  // @ts-expect-error: the body is required
  timeout(5);
  // @ts-expect-error: a promise has started already
  timeout(5, promise);
}

export async function groups(): Promise<void> {
  const result = await taskGroup(async (group) => {
    expectType<TaskGroup>()(group);
    expectType<Task<number>>()(group.createTask(async () => 1));
    expectType<Task<Date>>()(group.createTask(generator));
    expectType<Task<{ size: number }>>()(group.createTask(work(), { name: 'work' }));
    expectType<Task<string>>()(
      group.createTask(function* () {
        return yield* task;
      }),
    );
    // @ts-expect-error: a promise has started already
    group.createTask(promise);
    return 'result';
  });
  expectType<string>()(result);
  expectType<number>()(await new TaskGroup().run(async () => 1));
  // @ts-expect-error: a function
  taskGroup(promise);
}

export function* yielding(): CoroutineGenerator<void> {
  expectType<number>()(yield* timeout(5, async () => 7));
  expectType<[number, string]>()(yield* gather([future, task]));
  expectType<number>()(yield* waitFor(future, 5));
  expectType<string>()(yield* shield(task));
  expectType<Set<Task<string>>>()((yield* wait([task])).done);
  for (const next of asCompleted([task])) expectType<string>()(yield* next);
  expectType<Date>()(
    yield* taskGroup(function* (group) {
      return yield* group.createTask(generator);
    }),
  );
}
