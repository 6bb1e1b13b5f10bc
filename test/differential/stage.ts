/**
 * What every scenario plays on: a fresh loop, one event per line, one format for values.
 *
 * The counterpart of scenarios/stage.py, function by function. A theme's
 * `same()` is a test that plays a scenario on uvio and compares the trace with that of the Python
 * scenario of this name; what the loop reports to its exception handler is part of the trace.
 */

import { deepEqual, ok } from 'node:assert/strict';
import {
  type EventLoop,
  type ExceptionContext,
  ExceptionGroup,
  Future,
  InvalidStateError,
  newEventLoop,
} from '../../src/index.js';
import { VirtualClockLoop } from '../../src/testing/index.js';
import { pythonTraces } from './python.js';

export type Log = (...words: unknown[]) => void;

export interface Stage {
  loop: EventLoop;
  /** Adds an event to the trace. */
  log: Log;
  /** A callback that logs `words`, whatever it is called with. */
  logs: (...words: unknown[]) => () => void;
  /** Logs what `call` returns or throws. */
  attempt: (what: string, call: () => unknown) => void;
  /** Logs what awaiting gives or throws. */
  outcome: (what: string, awaitable: PromiseLike<unknown>) => Promise<void>;
  /** The same with `yield*`. */
  outcomeOf: (what: string, awaitable: Iterable<unknown>) => Generator<unknown, void, unknown>;
  /** Runs the loop for `count` batches. */
  turns: (count: number) => Promise<void>;
}

/** Plays a scenario; a generator function is one that the loop drives as a task. */
export type Play = (stage: Stage) => unknown;

/** An error that no library throws. */
export class Boom extends Error {}

export function show(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  // CPython's own two versions differ in the words.
  if (value instanceof InvalidStateError) return kind(value);
  if (value instanceof ExceptionGroup) {
    return `ExceptionGroup(${value.message}) ${show(value.exceptions)}`;
  }
  if (value instanceof Error) return `${value.constructor.name}(${value.message})`;
  return String(value);
}

/** The class alone, where the message shows an object. */
export function kind(error: unknown): string {
  return (error as Error).constructor.name;
}

function makeStage(loop: EventLoop, trace: string[]): Stage {
  const log: Log = (...words) => void trace.push(words.map(show).join(' '));
  return {
    loop,
    log,
    logs:
      (...words) =>
      () =>
        log(...words),
    attempt(what, call) {
      try {
        log(what, call());
      } catch (error) {
        log(what, error);
      }
    },
    async outcome(what, awaitable) {
      try {
        log(what, await awaitable);
      } catch (error) {
        log(what, error);
      }
    },
    *outcomeOf(what, awaitable) {
      try {
        log(what, yield* awaitable as Generator<unknown, unknown, unknown>);
      } catch (error) {
        log(what, error);
      }
    },
    async turns(count) {
      const end = new Future<void>({ loop });
      const step = (left: number): void => {
        if (left === 0) end.setResult();
        else loop.callSoon(step, left - 1);
      };
      loop.callSoon(step, count);
      await loop.runUntilComplete(end);
    },
  };
}

/** Plays on a loop of its own; the trace. */
export async function playOnUvio(play: Play, makeLoop = newEventLoop): Promise<string[]> {
  const trace: string[] = [];
  const loop = makeLoop();
  const stage = makeStage(loop, trace);
  loop.setExceptionHandler((_loop: EventLoop, context: ExceptionContext) => {
    if (/never retrieved|destroyed/.test(context.message)) return;
    stage.log('reported', Object.keys(context).sort().join(' '), context.exception);
  });
  try {
    await play(stage);
  } finally {
    loop.close();
  }
  return trace;
}

export interface Theme {
  /** A test: `play` gives the trace of the Python scenario `name`. */
  same: (title: string, name: string, play: Play) => void;
  /**
   * The same for what python3 may be too old for: `trace` is in writing, and Python's own has to be
   * that too where there is one (a scenario with @since).
   */
  written: (title: string, name: string, trace: readonly string[], play: Play) => void;
  /** `same` for a task's body: an async function, and perhaps its twin as a generator function. */
  sameTask: (
    title: string,
    name: string,
    asynchronous: (stage: Stage) => Promise<unknown>,
    generator?: (stage: Stage) => Generator<unknown, unknown, unknown>,
  ) => void;
}

/** For themes of deadlines: what comes first does not depend on how busy the machine is. */
export const onVirtualClock = (): EventLoop => new VirtualClockLoop();

/** The scenarios of scenarios/`name`.py; adds a test that none of them was left out. */
export function theme(name: string, makeLoop = newEventLoop): Theme {
  const prefix = `${name}.`;
  const played = new Set<string>();
  const same: Theme['same'] = (title, scenario, play) => {
    played.add(scenario);
    it(title, async () => {
      const expected = (await pythonTraces()).get(prefix + scenario);
      ok(expected !== undefined, `scenarios/${name}.py has no scenario ${scenario}`);
      deepEqual(await playOnUvio(play, makeLoop), [...expected]);
    });
  };
  const sameTask: Theme['sameTask'] = (title, scenario, asynchronous, generator) => {
    same(title, scenario, (stage) => stage.loop.runUntilComplete(() => asynchronous(stage)));
    if (generator === undefined) return;
    same(`${title} (generator)`, scenario, (stage) =>
      stage.loop.runUntilComplete(() => generator(stage)),
    );
  };
  const written: Theme['written'] = (title, scenario, trace, play) => {
    played.add(scenario);
    it(title, async () => {
      const newer = (await pythonTraces()).get(prefix + scenario);
      if (newer !== undefined)
        deepEqual([...newer], trace, 'the trace in writing is not that of python3');
      deepEqual(await playOnUvio(play, makeLoop), trace);
    });
  };
  it('every scenario of the Python side is played', async () => {
    const scenarios = [...(await pythonTraces()).keys()].filter((one) => one.startsWith(prefix));
    deepEqual(
      scenarios.filter((scenario) => !played.has(scenario.slice(prefix.length))),
      [],
    );
  });
  return { same, written, sameTask };
}
