/**
 * What the compiler infers of coroutines, tasks and futures. Checked by tsc, never called.
 */

import {
  type Coroutine,
  type CoroutineGenerator,
  coroutine,
  createTask,
  currentTask,
  ensureFuture,
  Future,
  run,
  sleep,
  Task,
  type TaskBody,
} from '../../src/index.js';
import { expectType } from './expect.js';

declare const future: Future<number>;
declare const promise: Promise<number>;
declare const generator: CoroutineGenerator<number>;

const asyncWork = coroutine(async (count: number, name?: string) => `${name} ${count}`);
const generatorWork = coroutine(function* (count: number) {
  yield;
  return count;
});
const plainWork = coroutine((..._rest: string[]) => 1);

export function coroutines(): void {
  expectType<Coroutine<string>>()(asyncWork(1));
  expectType<Coroutine<string>>()(asyncWork(1, 'name'));
  expectType<Coroutine<number>>()(generatorWork(1));
  expectType<Coroutine<number>>()(plainWork('any', 'number', 'of'));
  // @ts-expect-error: an argument is missing
  asyncWork();
  // @ts-expect-error: no such argument
  generatorWork(1, 2);
  // @ts-expect-error: of another type
  asyncWork('1');
  // @ts-expect-error: no function
  coroutine(5);
  // @ts-expect-error: started already
  coroutine(promise);
}

export function receivers(): void {
  const method = coroutine(async function (this: { size: number }, more: number) {
    return this.size + more;
  });
  const generatorMethod = coroutine(function* (this: { size: number }) {
    yield;
    return this.size;
  });
  const owner = { size: 1, method, generatorMethod };
  expectType<Coroutine<number>>()(owner.method(1));
  expectType<Coroutine<number>>()(owner.generatorMethod());
  // @ts-expect-error: without its receiver
  method(1);
}

export function genericCoroutines(): void {
  const nested = coroutine(async () => sleep(1, 'nested'));
  expectType<Coroutine<string>>()(nested());
  const delegating = coroutine(function* () {
    const name = yield* asyncWork(1);
    expectType<string>()(name);
    return [name] as const;
  });
  expectType<Coroutine<readonly [string]>>()(delegating());
}

export function tasks(): void {
  expectType<Task<number>>()(createTask(async () => 1));
  expectType<Task<number>>()(createTask(() => promise));
  expectType<Task<number>>()(createTask(() => future));
  expectType<Task<string>>()(createTask(asyncWork(1)));
  expectType<Task<string>>()(createTask(() => asyncWork(1)));
  expectType<Task<number>>()(createTask(generatorWork(1), { name: 'one' }));
  expectType<Task<number>>()(createTask(generator));
  expectType<Task<number>>()(createTask(() => generator));
  expectType<Task<void>>()(createTask(async () => {}));
  expectType<Task<string>>()(
    createTask(function* () {
      return yield* sleep(1, 'x');
    }),
  );
  expectType<Task<number>>()(new Task(async () => 1));
  expectType<TaskBody<number>>()(createTask(async () => 1).getCoro());
  expectType<Task | null>()(currentTask());
  // @ts-expect-error: a promise has started already
  createTask(promise);
  // @ts-expect-error: a future is no coroutine
  createTask(future);
  // @ts-expect-error: it is called without arguments
  createTask(async (count: number) => count);
  // @ts-expect-error: nothing to drive
  createTask(5);
  // @ts-expect-error: a name is a string
  createTask(async () => 1, { name: 5 });
  // @ts-expect-error: no such option
  createTask(async () => 1, { nmae: 'one' });
}

export async function futures(): Promise<void> {
  expectType<number>()(future.result());
  expectType<unknown>()(future.exception());
  expectType<number>()(await future);
  expectType<Future<number>>()(future.finally(() => {}));
  expectType<Future<string>>()(future.then((count) => `${count}`));
  expectType<Future<number | null>>()(future.catch(() => null));
  expectType<void>()(await new Future<void>());
  new Future<void>().setResult();
  future.addDoneCallback((done) => expectType<number>()(done.result()));
  createTask(async () => 1).addDoneCallback((task) => expectType<number>()(task.result()));
  // @ts-expect-error: of another type
  future.setResult('1');
  // @ts-expect-error: a task sets its own result
  createTask(async () => 1).setResult(1);
}

export function ensured(): void {
  expectType<Future<number>>()(ensureFuture(future));
  expectType<Future<number>>()(ensureFuture(promise));
  expectType<Future<string>>()(ensureFuture(asyncWork(1)));
  expectType<Future<number>>()(ensureFuture(generator));
  // @ts-expect-error: nothing to wait for
  ensureFuture(5);
}

export function* yielding(): CoroutineGenerator<void> {
  expectType<number>()(yield* future);
  expectType<string>()(yield* createTask(asyncWork(1)));
  expectType<number>()(yield* generatorWork(1));
  expectType<string>()(yield* sleep(1, 'x'));
  expectType<void>()(yield* sleep(1));
  expectType<number>()(yield* ensureFuture(promise));
  // @ts-expect-error: a promise is yielded, not delegated to
  yield* promise;
}

export function sleeping(): void {
  expectType<Future<void>>()(sleep(1));
  expectType<Future<string>>()(sleep(1, 'x'));
  expectType<Future<{ a: number }>>()(sleep(1, { a: 1 }, { signal: AbortSignal.abort() }));
  // @ts-expect-error: milliseconds
  sleep('1');
  // @ts-expect-error: a signal, not its controller
  sleep(1, null, { signal: new AbortController() });
}

export async function running(): Promise<void> {
  expectType<number>()(await run(async () => 1));
  expectType<string>()(await run(asyncWork(1)));
  expectType<number>()(await run(generator));
  expectType<string>()(
    await run(function* () {
      return yield* asyncWork(1);
    }),
  );
  // @ts-expect-error: it has started outside of the loop
  run(promise);
  // @ts-expect-error: no such option
  run(async () => 1, { loop: null });
}
