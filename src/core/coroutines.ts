/**
 * Coroutines: functions that start when they are awaited or when a task first steps them.
 *
 * A JavaScript async function starts at once when called; asyncio's does not. `coroutine(fn)` gives the
 * latter: calling it makes a Coroutine, which runs once, when something awaits it. With a generator
 * function the semantics are asyncio's exactly: every yield is a point of suspension.
 */

import { inspect } from 'node:util';
import { typeError } from '../util/check.js';
import { Asyncgen } from './asyncgens.js';
import { noteCreation } from './creation.js';
import { RuntimeError } from './exceptions.js';
import { coroutinesOfNoLoop, leaveList, type Unstarted } from './never_awaited.js';
import { defaultLoop, runningLoop } from './running.js';
import { Yielded } from './yielded.js';

/** What a generator driven by a task may yield: a future, a promise, or nothing (one batch). */
export type CoroutineGenerator<T> = Generator<unknown, T, unknown>;

const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor as FunctionConstructor;
const AsyncGeneratorFunction = Object.getPrototypeOf(async function* () {})
  .constructor as FunctionConstructor;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** Whether `value` is a generator object (of any realm's GeneratorFunction that behaves like one). */
export function isGenerator(value: unknown): value is CoroutineGenerator<unknown> {
  const candidate = value as CoroutineGenerator<unknown> | null | undefined;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.next === 'function' &&
    typeof candidate.throw === 'function' &&
    typeof candidate[Symbol.iterator] === 'function'
  );
}

// biome-ignore lint/suspicious/noExplicitAny: a coroutine function takes anything
type AnyFunction = (this: any, ...args: any[]) => unknown;

/** A call that has not started: what a function made by coroutine() returns. */
export class Coroutine<T> implements PromiseLike<T>, Unstarted {
  /** @internal */ _older: Unstarted | null = null;
  /** @internal */ _newer: Unstarted | null = null;
  readonly #fn: AnyFunction;
  readonly #receiver: unknown;
  /** Null once it has started. */
  #args: readonly unknown[] | null;

  /** Made by functions that coroutine() made. @internal */
  constructor(fn: AnyFunction, receiver: unknown, args: readonly unknown[]) {
    this.#fn = fn;
    this.#receiver = receiver;
    this.#args = args;
    const loop = runningLoop();
    (loop === null ? coroutinesOfNoLoop : loop._coroutines).add(this);
    if (loop !== null && loop._debug?.neverAwaited === true) noteCreation(this);
  }

  /** The name of the function; `<anonymous>` without one. */
  get name(): string {
    // The library's own are private methods.
    return this.#fn.name.replace('#', '') || '<anonymous>';
  }

  /** Keeps it from ever starting: nobody is warned that it was not awaited. Python's close(). */
  close(): void {
    if (this.#args === null) return;
    this.#args = null;
    leaveList(this);
  }

  /** Starts it: a generator, a promise or a value. @internal */
  _start(): unknown {
    const args = this.#args;
    if (args === null) throw new RuntimeError('cannot reuse already awaited coroutine');
    this.#args = null;
    leaveList(this);
    return this.#fn.apply(this.#receiver, args as unknown[]);
  }

  // biome-ignore lint/suspicious/noThenProperty: a coroutine is awaitable by design
  then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return runToPromise<T>(this).then(onFulfilled, onRejected);
  }

  /** Runs it in the task that says `yield*`. */
  *[Symbol.iterator](): CoroutineGenerator<T> {
    const started = this._start();
    if (isGenerator(started)) return (yield* started) as T;
    return (isThenable(started) ? yield started : started) as T;
  }

  toString(): string {
    return `<coroutine ${this.name}>`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }
}

/** Runs a coroutine in the current task, as `await` does. */
async function runToPromise<T>(coroutine: Coroutine<T>): Promise<T> {
  const started = coroutine._start();
  if (!isGenerator(started)) return started as T;
  let step = started.next();
  while (!step.done) {
    let value: unknown;
    try {
      value = await (step.value ?? new Yielded(defaultLoop(), undefined));
    } catch (error) {
      step = started.throw(error);
      continue;
    }
    step = started.next(value);
  }
  return step.value as T;
}

type AsyncResult<F> = F extends (...args: never[]) => Generator<unknown, infer R, never>
  ? R
  : F extends (...args: never[]) => infer R
    ? Awaited<R>
    : never;

/**
 * A function whose calls are coroutines.
 *
 * @typeParam F the type of the function that was given
 */
export type CoroutineFunction<F extends (...args: never[]) => unknown> = (
  this: ThisParameterType<F>,
  ...args: Parameters<F>
) => Coroutine<AsyncResult<F>>;

const coroutineFunctions = new WeakSet<object>();

// biome-ignore lint/suspicious/noExplicitAny: a narrower TNext would become that of an unannotated body
type AnyAsyncGenerator = AsyncGenerator<unknown, unknown, any>;

/**
 * A function whose calls are async generators.
 *
 * @typeParam F the type of the function that was given
 */
export type AsyncgenFunction<F extends (...args: never[]) => AnyAsyncGenerator> = (
  this: ThisParameterType<F>,
  ...args: Parameters<F>
) => ReturnType<F>;

/**
 * Makes calls of an async function or generator function lazy, as Python's `async def` is.
 *
 * An async generator function's calls are async generators still, which the loop that iterates them
 * first closes when it shuts down: see EventLoop.shutdownAsyncgens.
 *
 * @typeParam F the type of `fn`
 * @throws TypeError when `fn` is not a function
 */
export function coroutine<F extends (...args: never[]) => AnyAsyncGenerator>(
  fn: F,
): AsyncgenFunction<F>;
/**
 * The same for async functions and generator functions: their calls are coroutines.
 *
 * @typeParam F the type of `fn`
 */
export function coroutine<F extends (...args: never[]) => unknown>(fn: F): CoroutineFunction<F>;
export function coroutine(fn: (...args: unknown[]) => unknown): unknown {
  if (typeof fn !== 'function') throw typeError('fn', 'an async or generator function', fn);
  const isAsyncgen: boolean = fn instanceof AsyncGeneratorFunction;
  const wrapped = function (this: unknown, ...args: unknown[]) {
    if (!isAsyncgen) return new Coroutine(fn, this, args);
    return new Asyncgen(fn.name || '<anonymous>', fn.apply(this, args) as AnyAsyncGenerator);
  };
  Object.defineProperty(wrapped, 'name', { value: fn.name });
  if (!isAsyncgen) coroutineFunctions.add(wrapped);
  return wrapped;
}

/** Whether `value` is something that a task can drive, a Coroutine or a generator: asyncio.iscoroutine. */
export function isCoroutine(
  value: unknown,
): value is Coroutine<unknown> | CoroutineGenerator<unknown> {
  return value instanceof Coroutine || isGenerator(value);
}

/**
 * Whether calling `value` makes something that a task can drive: asyncio.iscoroutinefunction. Generator functions and what
 * coroutine() made do; a plain async function does not, since its calls start at once.
 */
export function isCoroutineFunction(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  return coroutineFunctions.has(value) || value instanceof GeneratorFunction;
}
