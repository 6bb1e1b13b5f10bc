/**
 * A task's body written once and played twice: as a generator, and as an async function of the same waits.
 *
 * Every wait goes through `on`, which is a `yield*` in the one flavour and, in the other, a real `await` in a
 * real async function. So a scenario of timeout(), taskGroup() or waitFor() has to give CPython's trace in both.
 */

import type { CoroutineGenerator } from '../../src/index.js';
import type { Play, Stage, Theme } from './stage.js';

/** What a task, timeout() or taskGroup() is given: `steps` itself, or an async function of the same waits. */
interface MakeBody {
  <A extends unknown[], T>(
    steps: (...args: A) => CoroutineGenerator<T>,
  ): (...args: A) => CoroutineGenerator<T> | Promise<T>;
  /** One that waits for nothing. */
  <A extends unknown[], T>(steps: (...args: A) => T): (...args: A) => T | Promise<T>;
}

export interface Flavour {
  /** Waits for a future, a coroutine or a promise. */
  on: <T>(awaitable: PromiseLike<T>) => CoroutineGenerator<T>;
  body: MakeBody;
}

const generators: Flavour = {
  *on<T>(awaitable: PromiseLike<T>) {
    const iterable = awaitable as PromiseLike<T> & Iterable<unknown>;
    if (Symbol.iterator in iterable) return (yield* iterable) as T;
    return (yield awaitable) as T;
  },
  body: <S>(steps: S) => steps,
};

const asyncFunctions: Flavour = {
  *on<T>(awaitable: PromiseLike<T>) {
    return (yield awaitable) as T;
  },
  body:
    <A extends unknown[]>(steps: (...args: A) => unknown) =>
    async (...args: A) => {
      const generator = steps(...args) as CoroutineGenerator<never> | undefined;
      if (typeof generator?.next !== 'function') return generator as never;
      let step = generator.next();
      while (step.done !== true) {
        let value: unknown;
        try {
          value = await step.value;
        } catch (error) {
          step = generator.throw(error);
          continue;
        }
        step = generator.next(value);
      }
      return step.value;
    },
};

/** What a scenario in both flavours plays on. */
export interface Scene extends Stage, Flavour {
  /** Logs what waiting gives or throws. */
  tried: (what: string, awaitable: PromiseLike<unknown>) => CoroutineGenerator<void>;
  /** What waiting throws; it has to throw. */
  caught: (awaitable: PromiseLike<unknown>) => CoroutineGenerator<Error>;
}

export type Main = (scene: Scene) => CoroutineGenerator<unknown>;

function playIn(flavour: Flavour, main: Main): Play {
  return (stage) => {
    const scene: Scene = {
      ...stage,
      ...flavour,
      *tried(what, awaitable) {
        try {
          stage.log(what, yield* flavour.on(awaitable));
        } catch (error) {
          stage.log(what, error);
        }
      },
      *caught(awaitable) {
        try {
          yield* flavour.on(awaitable);
        } catch (error) {
          return error as Error;
        }
        throw new Error('nothing was thrown');
      },
    };
    return stage.loop.runUntilComplete(flavour.body(() => main(scene)));
  };
}

export interface Flavours {
  /** Two tests: the scenario `name` of the Python side, whose main task has this body. */
  both: (title: string, name: string, main: Main) => void;
  /** Two tests against a trace in writing; see Theme.written. */
  bothWritten: (title: string, name: string, trace: readonly string[], main: Main) => void;
  /** One test: what an async function cannot give, since its promise is settled a little later. */
  generatorWritten: (title: string, name: string, trace: readonly string[], main: Main) => void;
}

export function flavoursOf({ same, written }: Theme): Flavours {
  return {
    both(title, name, main) {
      same(title, name, playIn(asyncFunctions, main));
      same(`${title} (generator)`, name, playIn(generators, main));
    },
    bothWritten(title, name, trace, main) {
      written(title, name, trace, playIn(asyncFunctions, main));
      written(`${title} (generator)`, name, trace, playIn(generators, main));
    },
    generatorWritten(title, name, trace, main) {
      written(`${title} (generator)`, name, trace, playIn(generators, main));
    },
  };
}
