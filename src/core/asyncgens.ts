/**
 * Async generators that a loop knows, and closes when it shuts down: Python's sys.set_asyncgen_hooks.
 *
 * JavaScript tells nobody that an async generator began or was dropped, so the program holds an object of
 * ours in front of the engine's generator. Its first iteration registers it with the running loop, its end
 * takes it out, and when it is collected while suspended the loop closes it, as CPython's does.
 * Invariant: the loop never holds the object that the program holds, or it could not be collected.
 */

import { inspect } from 'node:util';
import { RuntimeError } from './exceptions.js';
import { runningLoop } from './running.js';
import type { Scheduler } from './scheduler.js';

/** What this floor knows of a loop. */
interface AsyncgenLoop extends Scheduler {
  createTask(body: () => Promise<void>): unknown;
}

interface AsyncgensOfLoop {
  suspended: Set<AsyncgenBody>;
  isShutDown: boolean;
}

const asyncgensOfLoop = new WeakMap<object, AsyncgensOfLoop>();

function asyncgensOf(loop: object): AsyncgensOfLoop {
  let asyncgens = asyncgensOfLoop.get(loop);
  if (asyncgens === undefined) {
    asyncgens = { suspended: new Set(), isShutDown: false };
    asyncgensOfLoop.set(loop, asyncgens);
  }
  return asyncgens;
}

const dropped = new FinalizationRegistry<AsyncgenBody>((body) => body.dropped());

/** Takes from `loop` what it has to close; what begins from now on is warned of. @internal */
export function takeAsyncgens(loop: object): AsyncgenBody[] {
  const asyncgens = asyncgensOf(loop);
  const taken = [...asyncgens.suspended];
  asyncgens.suspended.clear();
  asyncgens.isShutDown = true;
  return taken;
}

/** The engine's generator, which the loop may hold. @internal */
export class AsyncgenBody<T = unknown, R = unknown, N = unknown> {
  readonly #generator: AsyncGenerator<T, R, N>;
  readonly #name: string;
  readonly #shown: WeakRef<object>;
  #loop: AsyncgenLoop | null = null;
  #callsUnderWay = 0;

  constructor(name: string, generator: AsyncGenerator<T, R, N>, shown: object) {
    this.#name = name;
    this.#generator = generator;
    this.#shown = new WeakRef(shown);
  }

  /** What the program knows it as. */
  get shown(): object {
    return this.#shown.deref() ?? this;
  }

  begin(): void {
    const loop = runningLoop() as AsyncgenLoop | null;
    if (loop === null) return;
    this.#loop = loop;
    const asyncgens = asyncgensOf(loop);
    if (asyncgens.isShutDown) {
      const what = `asynchronous generator ${this} was scheduled after loop.shutdownAsyncgens() call`;
      process.emitWarning(what, 'ResourceWarning');
    }
    asyncgens.suspended.add(this as AsyncgenBody);
    dropped.register(this.shown, this as AsyncgenBody, this);
  }

  /** One call of the generator, which says whether it has ended. */
  call<V>(method: (generator: AsyncGenerator<T, R, N>) => Promise<V & { done?: boolean }>) {
    this.#callsUnderWay++;
    const result = method(this.#generator);
    result.then(
      ({ done }) => this.#called(done === true),
      () => this.#called(true),
    );
    return result;
  }

  /** Has it clean up: Python's aclose(). */
  async close(): Promise<void> {
    if (this.#callsUnderWay > 0) {
      throw new RuntimeError('aclose(): asynchronous generator is already running');
    }
    const { done } = await this.call((generator) => generator.return(undefined as R));
    if (done !== true) throw new RuntimeError('async generator ignored GeneratorExit');
  }

  /** Nobody can go on with it any more. */
  dropped(): void {
    const loop = this.#loop;
    if (loop === null || loop.isClosed() || !asyncgensOf(loop).suspended.delete(this)) return;
    loop.createTask(() => this.close());
  }

  toString(): string {
    return `<async_generator ${this.#name}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #called(ended: boolean): void {
    this.#callsUnderWay--;
    if (!ended || this.#loop === null) return;
    asyncgensOf(this.#loop).suspended.delete(this as AsyncgenBody);
    dropped.unregister(this);
    this.#loop = null;
  }
}

/** What calling `coroutine(async function* …)` gives: an async generator that the running loop knows. */
export class Asyncgen<T, R, N> implements AsyncGenerator<T, R, N> {
  readonly #body: AsyncgenBody<T, R, N>;
  #begun = false;

  /** @internal */
  constructor(name: string, generator: AsyncGenerator<T, R, N>) {
    this.#body = new AsyncgenBody(name, generator, this);
  }

  next(...args: [] | [N]): Promise<IteratorResult<T, R>> {
    if (!this.#begun) this.#body.begin();
    this.#begun = true;
    return this.#body.call((generator) => generator.next(...args));
  }

  /** Ends it, after its finally blocks: Python's aclose(). */
  return(value: R | PromiseLike<R>): Promise<IteratorResult<T, R>> {
    this.#begun = true;
    return this.#body.call((generator) => generator.return(value));
  }

  throw(error: unknown): Promise<IteratorResult<T, R>> {
    this.#begun = true;
    return this.#body.call((generator) => generator.throw(error));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return(undefined as R);
  }

  toString(): string {
    return this.#body.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
